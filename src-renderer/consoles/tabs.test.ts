import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leaves } from '../layout/tree'
import { closePane, emptyLayout, focusedPane, type Layout, open, orderedPanes, splitPane, tabOf, toggleMaximised } from './layout'
import { closeTab, movePaneToTab, moveTab, newTab, renameTab, showTab, stepTab, tabTitle } from './tabs'

let count = 0
const newId = (): string => `id${++count}`
const guests = (names: string) => names.split(' ').map((name) => ({ hostId: 'dom0-a', guestId: `uuid-${name}`, name }))
const titles = (layout: Layout): string[] => layout.tabs.map((tab) => tabTitle(layout, tab))
const paneOf = (layout: Layout, name: string): string =>
  orderedPanes(layout).find((id) => layout.panes.get(id)?.name === name) ?? ''
/** Two tabs: one with a and b, then one with c, which is in front. */
const two = (): Layout => open(newTab(open(emptyLayout, guests('a b'), newId), newId), guests('c'), newId)

describe('tabs of consoles', () => {
  it('are called by their guests until somebody gives a name', () => {
    expect(titles(emptyLayout)).toEqual(['Consoles'])
    const layout = two()
    expect(titles(layout)).toEqual(['a +1', 'c'])
    expect(titles(newTab(layout, newId))).toEqual(['a +1', 'c', 'No console'])
    expect(titles(renameTab(layout, layout.active, ' web '))).toEqual(['a +1', 'web'])
    expect(titles(renameTab(open(emptyLayout, guests('a'), newId), 'first', 'web'))).toEqual(['Consoles: web'])
  })

  it('come after the one in front, are gone through around the ends, and moved around them', () => {
    const layout = newTab(showTab(two(), 'first'), newId)
    expect(titles(layout)).toEqual(['a +1', 'No console', 'c'])
    expect(stepTab(stepTab(layout, 1), 1).active).toBe('first')
    expect(stepTab(stepTab(layout, -1), -1).active).toBe(layout.tabs[2]?.id)
    expect(titles(moveTab(layout, layout.active, 1))).toEqual(['a +1', 'c', 'No console'])
    expect(titles(moveTab(layout, 'first', -1))).toEqual(['No console', 'c', 'a +1'])
    expect(stepTab(emptyLayout, 1)).toBe(emptyLayout)
  })

  it('keep their own focus and maximised pane', () => {
    const before = two()
    const layout = showTab(toggleMaximised(before, paneOf(before, 'b')), 'first')
    expect(focusedPane(layout)).toBe(paneOf(layout, 'b'))
    expect(layout.tabs[0]?.maximised).toBe(paneOf(layout, 'b'))
    expect(focusedPane(stepTab(layout, 1))).toBe(paneOf(layout, 'c'))
  })

  it('of a guest that has a pane come to the front when its console is opened', () => {
    const layout = open(two(), guests('a'), newId)
    expect(layout.active).toBe('first')
    expect(layout.panes.size).toBe(3)
  })

  it('give a pane to one another; the one that is left without any closes', () => {
    const layout = two()
    const moved = movePaneToTab(layout, paneOf(layout, 'c'), 'first', newId)
    expect(titles(moved)).toEqual(['Consoles'])
    expect(focusedPane(moved)).toBe(paneOf(layout, 'c'))
    const apart = movePaneToTab(moved, paneOf(moved, 'a'), undefined, newId)
    expect(titles(apart)).toEqual(['c +1', 'a'])
    expect(apart.active).toBe(apart.tabs[1]?.id)
    // It is in a tab of its own already.
    expect(movePaneToTab(apart, paneOf(apart, 'a'), undefined, newId)).toBe(apart)
  })

  it('close with their panes; the last one stays, empty', () => {
    const layout = two()
    const closed = closeTab(layout, layout.active)
    expect(titles(closed)).toEqual(['Consoles'])
    expect([...closed.panes.values()].map(({ name }) => name)).toEqual(['a', 'b'])
    expect(closeTab(closed, 'first')).toEqual(emptyLayout)
    expect(closePane(layout, paneOf(layout, 'c')).tabs).toHaveLength(1)
  })

  it('hold each pane once whatever is done: one is in front, and its focus and maximised pane are its own', () => {
    const acts = ['open', 'split', 'close', 'new', 'close-tab', 'move-tab', 'step', 'to-new', 'to-tab', 'maximise'] as const
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...acts), fc.nat(12)), { maxLength: 25 }), (steps) => {
        let layout = emptyLayout
        for (const [act, at] of steps) {
          const panes = orderedPanes(layout)
          const pane = panes[at % Math.max(1, panes.length)] ?? ''
          const tab = layout.tabs[at % layout.tabs.length]?.id ?? ''
          if (act === 'open') layout = open(layout, guests(`g${at}`), newId)
          else if (act === 'split') layout = splitPane(layout, pane, at % 2 ? 'row' : 'column', newId)
          else if (act === 'close') layout = closePane(layout, pane)
          else if (act === 'new') layout = newTab(layout, newId)
          else if (act === 'close-tab') layout = closeTab(layout, tab)
          else if (act === 'move-tab') layout = moveTab(layout, tab, at % 2 ? 1 : -1)
          else if (act === 'step') layout = stepTab(layout, at % 2 ? 1 : -1)
          else if (act === 'to-new') layout = movePaneToTab(layout, pane, undefined, newId)
          else if (act === 'to-tab') layout = movePaneToTab(layout, pane, tab, newId)
          else layout = toggleMaximised(layout, pane)
        }
        expect(orderedPanes(layout).sort()).toEqual([...layout.panes.keys()].sort())
        expect(layout.tabs.filter(({ id }) => id === layout.active)).toHaveLength(1)
        for (const { tree, focused, maximised } of layout.tabs) {
          expect(focused === undefined).toBe(tree === undefined)
          for (const id of [focused, maximised]) if (id !== undefined) expect(leaves(tree)).toContain(id)
        }
        for (const id of layout.panes.keys()) expect(tabOf(layout, id)).toBeDefined()
      }),
      { numRuns: 1000 },
    )
  })
})
