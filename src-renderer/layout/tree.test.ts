import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boxes, neighbour, type Side } from './neighbour'
import { close, equalise, even, grid, leaf, leaves, move, next, parse, resize, smallestRatio, split, type Tree } from './tree'

function check(tree: Tree | undefined): void {
  if (!tree || tree.kind === 'leaf') return
  expect(tree.children.length).toBeGreaterThan(1)
  expect(tree.ratios.length).toBe(tree.children.length)
  expect(tree.ratios.reduce((sum, ratio) => sum + ratio, 0)).toBeCloseTo(1, 9)
  for (const ratio of tree.ratios) expect(ratio).toBeGreaterThan(0)
  for (const child of tree.children) {
    if (child.kind === 'split') expect(child.direction).not.toBe(tree.direction)
    check(child)
  }
}

function paths(tree: Tree | undefined, at: readonly number[] = []): (readonly number[])[] {
  if (tree?.kind !== 'split') return []
  return [at, ...tree.children.flatMap((child, index) => paths(child, [...at, index]))]
}

type Step =
  | { act: 'split'; at: number; direction: 'row' | 'column' }
  | { act: 'close'; at: number }
  | { act: 'move'; at: number; to: number; direction: 'row' | 'column'; before: boolean }
  | { act: 'resize'; at: number; ratios: number[] }
  | { act: 'equalise'; at: number }

const direction = fc.constantFrom('row' as const, 'column' as const)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ act: fc.constant('split' as const), at: fc.nat(), direction }) },
    { weight: 2, arbitrary: fc.record({ act: fc.constant('close' as const), at: fc.nat() }) },
    {
      weight: 2,
      arbitrary: fc.record({ act: fc.constant('move' as const), at: fc.nat(), to: fc.nat(), direction, before: fc.boolean() }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        act: fc.constant('resize' as const),
        at: fc.nat(),
        ratios: fc.array(fc.double(), { maxLength: 5 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('equalise' as const), at: fc.nat() }) },
  ),
  { maxLength: 30 },
)

/** A tree that somebody has worked on, and the panes that must be in it. */
const worked = steps.map((all) => {
  let tree: Tree | undefined = leaf('0')
  let ids = ['0']
  let count = 1
  for (const step of all) {
    const at = ids[step.at % ids.length]
    const splits = paths(tree)
    const path = splits[step.at % Math.max(1, splits.length)] ?? []
    if (step.act === 'split' && at) {
      const id = String(count++)
      tree = split(tree, at, step.direction, id)
      ids = [...ids, id]
    } else if (step.act === 'close' && at && ids.length > 1) {
      tree = close(tree, at)
      ids = ids.filter((id) => id !== at)
    } else if (step.act === 'move' && at) tree = move(tree, at, ids[step.to % ids.length] ?? at, step.direction, step.before)
    else if (step.act === 'resize') tree = resize(tree, path, step.ratios)
    else if (step.act === 'equalise') tree = equalise(tree, path)
  }
  return { tree, ids }
})

describe('a tree of panes', () => {
  it('stays whole whatever is done to it: every pane there once, ratios sum to 1, no idle splits', () => {
    fc.assert(
      fc.property(worked, ({ tree, ids }) => {
        check(tree)
        expect(leaves(tree).sort()).toEqual([...ids].sort())
      }),
    )
  })

  it('comes back from the preferences as it was', () => {
    fc.assert(
      fc.property(worked, ({ tree }) => {
        const back = parse(JSON.parse(JSON.stringify(tree)))
        expect(leaves(back)).toEqual(leaves(tree))
        const before = boxes(tree)
        for (const [index, box] of boxes(back).entries()) {
          expect(box.left).toBeCloseTo(before[index]!.left, 9)
          expect(box.bottom).toBeCloseTo(before[index]!.bottom, 9)
        }
      }),
    )
  })

  it('is put right, or nothing, when the preferences hold something else', () => {
    fc.assert(
      fc.property(fc.anything(), (junk) => {
        expect(parse(junk)).toBeUndefined()
      }),
    )
    const twice = { kind: 'split', direction: 'row', children: [leaf('a'), leaf('a'), leaf('b')], ratios: [0.2, 0.3, 0.5] }
    const tree = parse(twice)
    check(tree)
    expect(leaves(tree)).toEqual(['a', 'b'])
    const bad = {
      kind: 'split',
      direction: 'row',
      children: [{ kind: 'split', direction: 'row', children: [], ratios: [] }, leaf('a')],
      ratios: [-3, 0],
    }
    expect(parse(bad)).toEqual(leaf('a'))
  })

  it('fills the whole dock, no pane over another', () => {
    fc.assert(
      fc.property(worked, ({ tree }) => {
        const area = boxes(tree).reduce((sum, box) => sum + (box.right - box.left) * (box.bottom - box.top), 0)
        expect(area).toBeCloseTo(1, 6)
      }),
    )
  })

  it('goes through all panes with next, and back with previous', () => {
    fc.assert(
      fc.property(worked, ({ tree, ids }) => {
        let at: string | undefined = leaves(tree)[0]
        const seen = ids.map(() => {
          const here = at
          at = next(tree, here ?? '')
          return here
        })
        expect(seen).toEqual(leaves(tree))
        expect(at).toBe(leaves(tree)[0])
        for (const id of ids) expect(next(tree, next(tree, id) ?? '', -1)).toBe(id)
      }),
    )
  })

  it('has a neighbour on each side that shares an edge or lies around the window', () => {
    const sides: Side[] = ['left', 'right', 'up', 'down']
    fc.assert(
      fc.property(worked, fc.constantFrom(...sides), ({ tree, ids }, side) => {
        for (const id of ids) {
          const found = neighbour(tree, id, side)
          if (found === undefined) {
            const own = boxes(tree).find((box) => box.id === id)!
            const [low, high] = side === 'left' || side === 'right' ? [own.left, own.right] : [own.top, own.bottom]
            expect([low, high]).toEqual([expect.closeTo(0, 6), expect.closeTo(1, 6)])
          } else expect(ids).toContain(found)
        }
      }),
    )
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
  })
})

describe('move', () => {
  const three = even('row', [leaf('a'), leaf('b'), leaf('c')])
  it('puts a pane before or after another one', () => {
    expect(leaves(move(three, 'c', 'a', 'row', true))).toEqual(['c', 'a', 'b'])
    expect(leaves(move(three, 'a', 'c', 'column', false))).toEqual(['b', 'c', 'a'])
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
