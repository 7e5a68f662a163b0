import { describe, expect, it } from 'vitest'
import { choose, effective, extendTo, moveTo, noSelection, prune, toggle } from './selection'

const keys = ['h1', 'a', 'b', 'c', 'h2', 'd']
const isGuest = (key: string): boolean => !key.startsWith('h')

describe('selection in the tree', () => {
  it('acts on the current row while nothing is picked', () => {
    expect(effective(noSelection)).toEqual([])
    expect(effective(choose('a'))).toEqual(['a'])
  })

  it('Space picks two guests apart from each other, and the cursor moves freely between', () => {
    let selection = toggle(choose('a'), 'a', isGuest)
    selection = moveTo(moveTo(selection, 'b'), 'c')
    expect(effective(selection)).toEqual(['a'])
    expect(effective(toggle(selection, 'c', isGuest))).toEqual(['a', 'c'])
  })

  it('Ctrl+click on a second guest takes the current one along, and again takes it out', () => {
    const two = toggle(choose('a'), 'c', isGuest)
    expect(effective(two)).toEqual(['a', 'c'])
    expect(effective(toggle(two, 'a', isGuest))).toEqual(['c'])
  })

  it('a range leaves hosts out and works in both directions', () => {
    expect(effective(extendTo(choose('b'), 'd', keys, isGuest))).toEqual(['b', 'c', 'd'])
    const back = extendTo(extendTo(choose('b'), 'd', keys, isGuest), 'a', keys, isGuest)
    expect(effective(back)).toEqual(['a', 'b'])
    expect(back.current).toBe('a')
  })

  it('a host is never picked', () => {
    expect(effective(toggle(toggle(choose('a'), 'b', isGuest), 'h2', isGuest))).toEqual(['a', 'b'])
  })

  it('drops rows that are gone, and stays the same object when none is', () => {
    const selection = extendTo(choose('a'), 'c', keys, isGuest)
    expect(prune(selection, () => true)).toBe(selection)
    expect(effective(prune(selection, (key) => key !== 'c'))).toEqual(['a', 'b'])
    expect(prune(choose('a'), () => false).current).toBeUndefined()
  })
})
