import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalise, moveEdge, rotate } from '../layout/edges'
import type { Side } from '../layout/neighbour'
import { leaves } from '../layout/tree'
import {
  changeTree,
  closePane,
  emptyLayout,
  focusedPane,
  focusNext,
  focusPane,
  focusSide,
  type Layout,
  movePane,
  moveToSide,
  open,
  orderedPanes,
  splitPane,
  toggleMaximised,
  visiblePanes,
} from './layout'
import { addLayout } from './named-layouts'
import { restoreLayout, saveLayout } from './saved-layout'
import { closeTab, movePaneToTab, moveTab, newTab, renameTab, showTab, stepTab, tabTitle } from './tabs'
import { openGrid, openTabs } from './together'

/** For thousands of histories, on a machine that does other things. */
const manyMs = 120_000

let count = 0
const newId = (): string => `id${++count}`
const guests = (names: string) => names.split(' ').map((name) => ({ hostId: 'dom0-a', guestId: `uuid-${name}`, name }))
const titles = (layout: Layout): string[] => layout.tabs.map((tab) => tabTitle(layout, tab))
const paneOf = (layout: Layout, name: string): string =>
  orderedPanes(layout).find((id) => layout.panes.get(id)?.name === name) ?? ''
/** Two tabs: one with a and b, then one with c, which is in front. */
const two = (): Layout => open(newTab(open(emptyLayout, guests('a b'), newId), newId), guests('c'), newId)

type Command = (layout: Layout, at: number, to: number) => Layout
const onPane =
  (act: (layout: Layout, pane: string, to: number) => Layout): Command =>
  (layout, at, to) => {
    const panes = orderedPanes(layout)
    return act(layout, panes[at % Math.max(1, panes.length)] ?? 'none', to)
  }
const onTab =
  (act: (layout: Layout, tab: string, to: number) => Layout): Command =>
  (layout, at, to) =>
    act(layout, layout.tabs[at % layout.tabs.length]?.id ?? 'none', to)
const sideOf = (at: number): Side => (['left', 'right', 'up', 'down'] as const)[at % 4] ?? 'left'
const stepOf = (at: number): 1 | -1 => (at % 2 ? 1 : -1)
const cell = { width: 7, height: 16 }
const area = { width: 1200, height: 800 }

/** Ten thousand histories take too long with an `expect` for each fact. */
function law(holds: boolean, words: string): void {
  if (!holds) throw new Error(words)
}

const standing = ({ tabs, panes, active }: Layout): string =>
  JSON.stringify([tabs.map(({ id, name, tree }) => [id, name, leaves(tree)]), [...panes.keys()].sort(), active])

/** All that can be done to a layout. */
const commands: readonly Command[] = [
  (layout, at) => open(layout, guests(`g${at}`), newId),
  (layout, at, to) => open(layout, guests(`g${at} g${to} new${at}`), newId),
  (layout, at, to) => openGrid(layout, guests(`g${at} g${to} grid${at}`), newId),
  (layout, at, to) => openTabs(layout, guests(`g${at} g${to} tab${at}`), newId),
  (layout) => (layout.panes.size < 20 ? addLayout(layout, layout, newId) : layout),
  (layout) => newTab(layout, newId),
  (layout, at) => stepTab(layout, stepOf(at)),
  (layout, at) => focusNext(layout, stepOf(at)),
  (layout, at) => focusSide(layout, sideOf(at)),
  (layout, at) => changeTree(layout, (tree) => rotate(tree, at % 2 === 0)),
  (layout) => changeTree(layout, (tree) => equalise(tree, [], { down: true })),
  onPane((layout, pane, to) => changeTree(layout, (tree) => moveEdge(tree, pane, sideOf(to), cell, area))),
  onPane((layout, pane, to) => splitPane(layout, pane, to % 2 ? 'row' : 'column', newId)),
  onPane((layout, pane, to) => toggleMaximised(layout, pane, to + 1)),
  onPane((layout, pane, to) => moveToSide(layout, pane, sideOf(to))),
  onPane((layout, pane, to) => movePane(layout, pane, orderedPanes(layout)[to] ?? 'none', sideOf(to))),
  onPane((layout, pane) => movePaneToTab(layout, pane, undefined, newId)),
  onPane((layout, pane, to) => movePaneToTab(layout, pane, layout.tabs[to % layout.tabs.length]?.id, newId)),
  onPane(focusPane),
  onPane(closePane),
  onTab(showTab),
  onTab(closeTab),
  onTab((layout, tab, to) => moveTab(layout, tab, stepOf(to))),
  onTab((layout, tab, to) => renameTab(layout, tab, `tab ${to}`)),
]

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
    expect(visiblePanes(layout)).toEqual([paneOf(layout, 'b')])
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

  it('of selected guests are one with a grid, or one for each; panes that there are move there', () => {
    const twelve = guests('a b c d e f g h i j k l')
    const grid = openGrid(two(), twelve, newId)
    expect(titles(grid)).toEqual(['Consoles'])
    expect(visiblePanes(grid)).toHaveLength(12)
    expect(focusedPane(grid)).toBe(paneOf(grid, 'a'))
    const apart = openTabs(grid, twelve.slice(0, 3), newId)
    expect(titles(apart)).toEqual(['d +8', 'a', 'b', 'c'])
    expect(focusedPane(apart)).toBe(paneOf(apart, 'a'))
    expect(titles(openTabs(emptyLayout, guests('x y'), newId))).toEqual(['x', 'y'])
  })

  it('of a kept layout come beside those that are open, with panes of their own', () => {
    const kept = renameTab(two(), 'first', 'web')
    const both = addLayout(kept, kept, newId)
    expect(titles(both)).toEqual(['web', 'c', 'web', 'c'])
    expect(both.panes.size).toBe(6)
    expect(both.active).toBe(both.tabs[3]?.id)
    expect(titles(addLayout(emptyLayout, kept, newId))).toEqual(['web', 'c'])
  })

  it('of a kept layout bring their groups, one with that of the same name', () => {
    const web = (hue: number): Layout => {
      const layout = two()
      return { ...layout, panes: new Map([...layout.panes].map(([id, pane]) => [id, { ...pane, group: { name: 'web', hue } }])) }
    }
    const both = addLayout(web(2), web(5), newId)
    expect([...both.panes.values()].map(({ group }) => group?.hue)).toEqual([2, 2, 2, 2, 2, 2])
    expect([...addLayout(two(), web(5), newId).panes.values()].map(({ group }) => group?.name ?? '')).toEqual([
      '',
      '',
      '',
      'web',
      'web',
      'web',
    ])
  })

  it(
    'hold each pane once whatever is done: one is in front, and its focus and maximised pane are its own',
    () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.constantFrom(...commands), fc.nat(12), fc.nat(12)), { maxLength: 16 }), (steps) => {
          const layout = steps.reduce<Layout>((before, [command, at, to]) => command(before, at, to), emptyLayout)
          law(orderedPanes(layout).sort().join() === [...layout.panes.keys()].sort().join(), 'each pane is in a tab, once')
          law(layout.tabs.filter(({ id }) => id === layout.active).length === 1, 'one tab is in front')
          for (const { tree, focused, maximised } of layout.tabs) {
            const ids = leaves(tree)
            law((focused === undefined) === (tree === undefined), 'a tab with panes has a focus')
            law(
              [focused, maximised?.id].every((id) => id === undefined || ids.includes(id)),
              'its focus is its own',
            )
          }
          const back = restoreLayout(JSON.parse(JSON.stringify(saveLayout(layout))))
          law(standing(back) === standing(layout), 'what was kept comes back')
        }),
        { numRuns: 10_000 },
      )
    },
    manyMs,
  )
})
