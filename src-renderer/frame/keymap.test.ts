import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allKeysFor,
  conflictOf,
  holderOf,
  isKeptByBrowser,
  type KeyActionId,
  type KeyPress,
  keyActions,
  keymap,
  keysFor,
  keysOf,
  rebind,
  refusedKeys,
} from './keymap'

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key,
  ctrlKey: false,
  shiftKey: false,
  altKey: false,
  metaKey: false,
  ...more,
})

describe('keys', () => {
  it('are printed as people know them', () => {
    expect(keysOf(press('e', { ctrlKey: true, shiftKey: true }))).toBe('Ctrl+Shift+E')
    expect(keysOf(press('ArrowLeft', { altKey: true }))).toBe('Alt+Left')
    // On a German keyboard / needs Shift; on a Greek one the key of X prints another letter.
    expect(keysOf(press('/', { shiftKey: true, code: 'Digit7' }))).toBe('/')
    expect(keysOf(press('Χ', { ctrlKey: true, shiftKey: true, code: 'KeyX' }))).toBe('Ctrl+Shift+X')
    expect(keysOf(press('!', { ctrlKey: true, shiftKey: true, code: 'Digit1' }))).toBe('Ctrl+Shift+1')
    expect(keysOf(press('F6', { shiftKey: true }))).toBe('Shift+F6')
    expect(keysOf(press('Control', { ctrlKey: true }))).toBeUndefined()
  })

  it('as they usually are, make sense and mean one thing each', () => {
    const usual = keyActions.flatMap(({ id }) => allKeysFor({}, id).map((keys) => ({ id, keys })))
    expect(keymap({}).size).toBe(usual.length)
    for (const { id, keys } of usual) expect(holderOf({}, keys, id)).toBeUndefined()
  })

  it('of a guest are never taken, whatever the settings say', () => {
    const guests = [
      'Ctrl+C',
      'Ctrl+K',
      'Ctrl+D',
      'Ctrl+Z',
      'A',
      'F2',
      'F10',
      'Tab',
      'Enter',
      'Escape',
      'Up',
      'Alt+B',
      'Ctrl+Alt+Y',
      'Shift+PageUp',
      'Ctrl+Left',
      '/',
    ]
    for (const { id, where } of keyActions.filter((action) => action.where !== 'page')) {
      for (const keys of guests) {
        expect(refusedKeys(keys, where)).toContain('the guest’s')
        expect(keymap({ [id]: keys }).get(keys)?.where ?? 'page').toBe('page')
      }
    }
  })

  it('that edit, move or paste stay what they are', () => {
    for (const keys of [
      'Tab',
      'Enter',
      'Shift+Tab',
      'Escape',
      'Down',
      'Ctrl+C',
      'Ctrl+V',
      'Ctrl+A',
      'Ctrl+Shift+V',
      'Ctrl+Meta+K',
    ])
      expect(refusedKeys(keys, 'page')).toBeDefined()
    for (const keys of ['Ctrl+J', 'F2', '?', 'Alt+S']) expect(refusedKeys(keys, 'page')).toBeUndefined()
  })

  it('that another action has are swapped, or leave it without when they would be a guest’s', () => {
    const swapped = rebind({}, 'split-right', 'Ctrl+Shift+O')
    expect([keysFor(swapped, 'split-right'), keysFor(swapped, 'split-below')]).toEqual(['Ctrl+Shift+O', 'Ctrl+Shift+E'])
    const taken = rebind({}, 'palette', 'Ctrl+Shift+E')
    expect([keysFor(taken, 'palette'), keysFor(taken, 'split-right')]).toEqual(['Ctrl+Shift+E', ''])
    expect(rebind(swapped, 'split-right', 'Ctrl+Shift+E')).toEqual({})
    expect(rebind({ 'of-later': 'Ctrl+J' }, 'palette', '')).toEqual({ 'of-later': 'Ctrl+J', palette: '' })
  })

  it('that one of several actions takes are missed by the other, which keeps the rest', () => {
    const taken = rebind({}, 'copy', 'Alt+Shift+N')
    expect(allKeysFor(taken, 'pane-next')).toEqual(['Ctrl+Shift+N', 'Ctrl+Tab'])
    expect(rebind(taken, 'pane-next', 'Ctrl+Shift+N Ctrl+Tab Alt+Shift+N')).toEqual({ copy: '' })
  })

  it('that have no effect say why, as after the settings were edited by hand', () => {
    expect(keyActions.filter(({ id }) => conflictOf({}, id) !== undefined)).toEqual([])
    expect(conflictOf({ search: 'Ctrl+Shift+E' }, 'search')).toBe('Ctrl+Shift+E is “Split the pane to the right” already.')
    expect(conflictOf({ search: 'Ctrl+C' }, 'search')).toContain('the guest’s')
  })

  it('that a browser keeps for itself have others beside them, and those are printed there', () => {
    for (const { id, keys } of keyActions) {
      const all = allKeysFor({}, id)
      if (all.some(isKeptByBrowser)) expect(isKeptByBrowser(keysFor({}, id, true)), id).toBe(false)
      expect(keysFor({}, id), id).toBe(keys.split(' ')[0])
    }
    expect(keysFor({}, 'tab-new', true)).toBe('Alt+Shift+T')
  })

  it('mean one thing each after any changes', () => {
    const ids = fc.constantFrom(...keyActions.map(({ id }) => id as KeyActionId))
    const keys = fc.constantFrom('', ...keyActions.flatMap(({ keys: usual }) => [usual, ...usual.split(' ')]), 'F2')
    fc.assert(
      fc.property(fc.array(fc.tuple(ids, keys)), (changes) => {
        const after = changes.reduce<Readonly<Record<string, string>>>((before, [id, to]) => rebind(before, id, to), {})
        const held = keyActions.flatMap(({ id }) => allKeysFor(after, id))
        expect(new Set(held).size).toBe(held.length)
      }),
    )
  })
})
