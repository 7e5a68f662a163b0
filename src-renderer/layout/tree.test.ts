import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalise, longerSide, moveEdge, rotate, zoomFactor } from './edges'
import { type Box, boxes, edgeAt, neighbour, readingOrder, type Side } from './neighbour'
import { close, even, grid, leaf, leaves, next, parse, resize, smallestRatio, split, type Tree } from './tree'

/** For thousands of histories, on a machine that does other things. */
const manyMs = 120_000

const sides: readonly Side[] = ['left', 'right', 'up', 'down']
const cell = { width: 7, height: 16 }
const area = { width: 1200, height: 800 }

function isWhole(tree: Tree | undefined): boolean {
  if (!tree || tree.kind === 'leaf') return true
  const sum = tree.ratios.reduce((all, ratio) => all + ratio, 0)
  return (
    tree.children.length > 1 &&
    tree.ratios.length === tree.children.length &&
    Math.abs(sum - 1) < 1e-9 &&
    tree.ratios.every((ratio) => ratio > 0) &&
    tree.children.every((child) => (child.kind === 'leaf' || child.direction !== tree.direction) && isWhole(child))
  )
}

function paths(tree: Tree | undefined, at: readonly number[] = []): (readonly number[])[] {
  if (tree?.kind !== 'split') return []
  return [at, ...tree.children.flatMap((child, index) => paths(child, [...at, index]))]
}

type Step = { act: (typeof acts)[number]; at: number; to: number; ratios: readonly number[] }
const acts = ['row', 'column', 'row before', 'column before', 'close', 'move', 'resize', 'edge', 'even', 'turn'] as const

/** What one does in a minute or two, on panes that are there then. */
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    act: fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...acts) }, fc.constantFrom('row', 'column')),
    at: fc.nat(40),
    to: fc.nat(40),
    ratios: fc.array(fc.double({ min: -1, max: 10 }), { maxLength: 4 }),
  }),
  { maxLength: 14 },
)

/** A tree that somebody has worked on, and the panes that must be in it. Each step is checked by `seen`. */
function work(all: readonly Step[], seen: (tree: Tree | undefined, ids: readonly string[]) => void) {
  let tree: Tree | undefined = leaf('0')
  let ids = ['0']
  let count = 1
  for (const { act, at, to, ratios } of all) {
    const id = ids[at % ids.length] ?? ''
    const other = ids[to % ids.length] ?? ''
    const side = sides[to % 4] ?? 'left'
    const splits = paths(tree)
    const path = splits[at % Math.max(1, splits.length)] ?? []
    const [direction, before] = act.split(' ')
    if (direction === 'row' || direction === 'column') {
      const added = String(count++)
      tree = split(tree, id, direction, added, before === 'before')
      ids = [...ids, added]
    } else if (act === 'close' && ids.length > 1) {
      tree = close(tree, id)
      ids = ids.filter((one) => one !== id)
    } else if (act === 'move' && id !== other) tree = split(close(tree, id), other, to % 2 ? 'row' : 'column', id, at % 2 === 0)
    else if (act === 'resize') tree = resize(tree, path, ratios)
    else if (act === 'edge') tree = moveEdge(tree, id, side, cell, area)
    else if (act === 'even') tree = equalise(tree, path, { up: at % 2 === 0, down: to % 2 === 0 })
    else if (act === 'turn') tree = rotate(tree, at % 2 === 0)
    seen(tree, ids)
  }
  return { tree, ids }
}

function sameBoxes(one: readonly Box[], other: readonly Box[]): boolean {
  const byId = new Map(other.map((box) => [box.id, box]))
  return (
    one.length === other.length &&
    one.every(({ id, ...box }) => {
      const same = byId.get(id)
      return same !== undefined && (['left', 'top', 'right', 'bottom'] as const).every((edge) => alike(box[edge], same[edge]))
    })
  )
}

/** Ten thousand histories take too long with an `expect` for each number. */
function law(holds: boolean, words: string): void {
  if (!holds) throw new Error(words)
}
const alike = (one: number, other: number): boolean => Math.abs(one - other) < 1e-6

describe('a tree of panes', () => {
  it(
    'keeps the laws in 10,000 histories',
    () => {
      fc.assert(
        fc.property(steps, fc.nat(), (all, from) => {
          const { tree, ids } = work(all, (now, there) => {
            law(isWhole(now), 'ratios sum to 1, no split has a single child or stands in one of its direction')
            law(leaves(now).sort().join() === there.toSorted().join(), 'every pane is there once')
          })
          const order = leaves(tree)
          const before = boxes(tree)
          const covered = before.reduce((sum, box) => sum + (box.right - box.left) * (box.bottom - box.top), 0)
          law(alike(covered, 1), 'the panes fill the dock, none over another')
          law(
            order.every((id, at) => next(tree, id) === order[(at + 1) % order.length]),
            'next goes through all panes',
          )
          law(
            order.every((id, at) => next(tree, id, -1) === order.at(at - 1)),
            'and previous goes back',
          )
          const reached = new Set([ids[from % ids.length] ?? ''])
          for (const id of reached) {
            for (const side of sides) {
              const found = neighbour(tree, id, side)
              if (found !== undefined) reached.add(found)
            }
          }
          law(reached.size === ids.length, 'every pane is within reach of every other by the keys for directions')
          const text = JSON.stringify(tree)
          law(sameBoxes(boxes(parse(JSON.parse(text))), before), 'what was kept stands as it did')
          const turned = before.map(({ id, left, top, right, bottom }) => ({
            id,
            left: 1 - bottom,
            top: left,
            right: 1 - top,
            bottom: right,
          }))
          law(sameBoxes(boxes(rotate(tree, true)), turned), 'a tree turns as a picture does')
          law(JSON.stringify(rotate(rotate(tree, true), false)) === text, 'and back')
        }),
        { numRuns: 10_000 },
      )
    },
    manyMs,
  )

  it('is put right, or nothing, when the preferences hold something else', () => {
    fc.assert(
      fc.property(fc.anything(), (junk) => {
        expect(parse(junk)).toBeUndefined()
      }),
    )
    const twice = { kind: 'split', direction: 'row', children: [leaf('a'), leaf('a'), leaf('b')], ratios: [0.2, 0.3, 0.5] }
    const tree = parse(twice)
    expect(isWhole(tree)).toBe(true)
    expect(leaves(tree)).toEqual(['a', 'b'])
    const bad = {
      kind: 'split',
      direction: 'row',
      children: [{ kind: 'split', direction: 'row', children: [], ratios: [] }, leaf('a')],
      ratios: [-3, 0],
    }
    expect(parse(bad)).toEqual(leaf('a'))
  })
})

describe('split', () => {
  it('halves the pane, in the same split where the direction is the same', () => {
    const two = split(leaf('a'), 'a', 'row', 'b')
    expect(split(two, 'b', 'row', 'c')).toEqual({
      kind: 'split',
      direction: 'row',
      children: [leaf('a'), leaf('b'), leaf('c')],
      ratios: [0.5, 0.25, 0.25],
    })
    expect(leaves(split(two, 'a', 'column', 'c'))).toEqual(['a', 'c', 'b'])
    expect(leaves(split(two, 'b', 'row', 'c', true))).toEqual(['a', 'c', 'b'])
  })
})

describe('an edge', () => {
  const at = (tree: Tree | undefined): readonly number[] => (tree?.kind === 'split' ? tree.ratios : [])
  it('moves by one cell to the side of the key, whichever pane beside it has the focus', () => {
    const three = even('row', [leaf('a'), leaf('b'), leaf('c')])
    const step = cell.width / area.width
    const third = 1 / 3
    expect(at(moveEdge(three, 'a', 'right', cell, area))).toEqual(
      [third + step, third - step, third].map((one) => expect.closeTo(one, 9)),
    )
    const rightmost = [third, third - step, third + step].map((one) => expect.closeTo(one, 9))
    expect(at(moveEdge(three, 'b', 'left', cell, area))).toEqual(rightmost)
    expect(at(moveEdge(three, 'c', 'left', cell, area))).toEqual(rightmost)
    // Nothing above or below.
    expect(moveEdge(three, 'a', 'up', cell, area)).toBe(three)
  })

  it('is that of the nearest split of its axis, in which a cell is a larger share', () => {
    // a | b over c
    const tree = even('row', [leaf('a'), even('column', [leaf('b'), leaf('c')]) as Tree])
    const up = boxes(moveEdge(tree, 'c', 'up', cell, area)).find(({ id }) => id === 'c')
    expect(up?.top).toBeCloseTo(0.5 - cell.height / area.height, 9)
    const left = boxes(moveEdge(tree, 'c', 'left', cell, area)).find(({ id }) => id === 'a')
    expect(left?.right).toBeCloseTo(0.5 - cell.width / area.width, 9)
    const inner = even('row', [leaf('x'), even('column', [even('row', [leaf('b'), leaf('d')]) as Tree, leaf('c')]) as Tree])
    const moved = boxes(moveEdge(inner, 'b', 'right', cell, area)).find(({ id }) => id === 'b')
    expect(moved?.right).toBeCloseTo(0.75 + cell.width / area.width, 9)
  })

  it('stops where a pane would vanish, and without a size', () => {
    const narrow = resize(even('row', [leaf('a'), leaf('b')]), [], [smallestRatio, 1 - smallestRatio])
    expect(moveEdge(narrow, 'a', 'left', cell, area)).toBe(narrow)
    expect(moveEdge(narrow, 'a', 'right', cell, { width: 0, height: 0 })).toBe(narrow)
  })
})

describe('a point of a pane', () => {
  it('belongs to the edge whose triangle it is in', () => {
    expect([edgeAt(0.5, 0.1), edgeAt(0.9, 0.5), edgeAt(0.5, 0.9), edgeAt(0.1, 0.5)]).toEqual(['up', 'right', 'down', 'left'])
    expect([edgeAt(0.2, 0.1), edgeAt(0.1, 0.2)]).toEqual(['up', 'left'])
  })
})

describe('the same space', () => {
  const odd = (direction: 'row' | 'column', ...children: Tree[]): Tree =>
    resize(
      even(direction, children),
      [],
      children.map((_child, index) => index + 1),
    ) as Tree
  const tree = odd('row', leaf('a'), odd('column', leaf('b'), odd('row', leaf('c'), leaf('d'))))
  const isEven = (path: readonly number[], from: Tree | undefined): boolean => {
    const found = path.reduce<Tree | undefined>((now, index) => (now?.kind === 'split' ? now.children[index] : undefined), from)
    return found?.kind === 'split' && new Set(found.ratios).size === 1
  }
  it('is given in the split that is meant, and in those around and in it if asked', () => {
    const all = [[], [1], [1, 1]]
    const evens = (reach: { up?: boolean; down?: boolean }) => all.map((path) => isEven(path, equalise(tree, [1], reach)))
    expect(evens({})).toEqual([false, true, false])
    expect(evens({ down: true })).toEqual([false, true, true])
    expect(evens({ up: true })).toEqual([true, true, false])
    expect(evens({ up: true, down: true })).toEqual([true, true, true])
  })
})

describe('a pane', () => {
  it('is split along its longer side', () => {
    expect(longerSide({ width: 300, height: 200 })).toBe('row')
    expect(longerSide({ width: 200, height: 300 })).toBe('column')
  })

  it('that is zoomed has its text as much larger as both columns and rows allow', () => {
    expect(zoomFactor({ columns: 80, rows: 24 }, { columns: 160, rows: 72 })).toBeCloseTo(1.94, 9)
    expect(zoomFactor({ columns: 80, rows: 24 }, { columns: 160, rows: 24 })).toBeCloseTo(1.05, 9)
    expect(zoomFactor({ columns: 0, rows: 0 }, { columns: 10, rows: 0 })).toBe(1)
  })
})

describe('close', () => {
  it('gives the space to those beside it, and nothing is left after the last', () => {
    const tree = resize(even('row', [leaf('a'), leaf('b'), leaf('c')]), [], [0.2, 0.3, 0.5])
    expect(close(tree, 'c')).toMatchObject({ ratios: [expect.closeTo(0.4, 9), expect.closeTo(0.6, 9)] })
    expect(close(leaf('a'), 'a')).toBeUndefined()
  })
})

describe('resize', () => {
  it('lets no pane vanish', () => {
    const tree = resize(even('row', [leaf('a'), leaf('b')]), [], [0.0001, 0.9999])
    expect(tree).toMatchObject({ ratios: [expect.closeTo(smallestRatio, 9), expect.closeTo(1 - smallestRatio, 9)] })
  })
})

describe('reading order', () => {
  const column = (ids: string, ratios: number[]): Tree => ({
    kind: 'split',
    direction: 'column',
    children: ids.split('').map(leaf),
    ratios,
  })

  it('is row by row, also where columns stand side by side', () => {
    const columns: Tree = {
      kind: 'split',
      direction: 'row',
      children: [column('ac', [0.5, 0.5]), column('bd', [0.501, 0.499])],
      ratios: [0.5, 0.5],
    }
    expect(readingOrder(columns)).toEqual(['a', 'b', 'c', 'd'])
    expect(readingOrder(grid(['a', 'b', 'c', 'd', 'e']))).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(readingOrder(undefined)).toEqual([])
  })
})

describe('neighbour', () => {
  // a | b
  //   | c   with b taller
  const tree = even('row', [leaf('a'), resize(even('column', [leaf('b'), leaf('c')]), [], [0.7, 0.3])!])
  it('finds the pane beyond the edge, the one with the closest centre, and goes around the window', () => {
    expect(neighbour(tree, 'a', 'right')).toBe('b')
    expect(neighbour(tree, 'c', 'left')).toBe('a')
    expect(neighbour(tree, 'b', 'down')).toBe('c')
    expect(neighbour(tree, 'b', 'up')).toBe('c')
    expect(neighbour(tree, 'a', 'left')).toBe('b')
    expect(neighbour(tree, 'a', 'up')).toBeUndefined()
  })
})

describe('grid', () => {
  it('is as square as it gets', () => {
    expect(grid([])).toBeUndefined()
    expect(grid(['a'])).toEqual(leaf('a'))
    const five = boxes(grid(['a', 'b', 'c', 'd', 'e']))
    expect(five.filter(({ top }) => top === 0).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(five.find(({ id }) => id === 'd')).toMatchObject({ left: 0, right: 0.5, top: 0.5, bottom: 1 })
  })
})
