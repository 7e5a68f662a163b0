import { z } from 'zod'

/** Children of a `row` stand side by side, those of a `column` one below the other. */
export type Direction = 'row' | 'column'
export type Leaf = { readonly kind: 'leaf'; readonly id: string }
/** At least two children; none of them a split of the same direction. Ratios are shares of the split's own length and sum to 1. */
export type Split = {
  readonly kind: 'split'
  readonly direction: Direction
  readonly children: readonly Tree[]
  readonly ratios: readonly number[]
}
/** How panes share the dock. Undefined where there is none. */
export type Tree = Leaf | Split

/** No pane is made smaller than this share of its split. */
export const smallestRatio = 0.05

export function leaf(id: string): Leaf {
  return { kind: 'leaf', id }
}

/** Ids of all panes, in the order in which one reads them. */
export function leaves(tree: Tree | undefined): string[] {
  if (!tree) return []
  return tree.kind === 'leaf' ? [tree.id] : tree.children.flatMap(leaves)
}

/**
 * Puts another pane at the right of (`row`) or below (`column`) a pane, or `before` it: at its left or above. They share its space
 * evenly. The same tree if `at` is not in it.
 */
export function split(tree: Tree | undefined, at: string, direction: Direction, id: string, before = false): Tree | undefined {
  if (!tree) return undefined
  if (tree.kind === 'leaf') {
    if (tree.id !== at) return tree
    return even(direction, before ? [leaf(id), tree] : [tree, leaf(id)])
  }
  return normalize({ ...tree, children: tree.children.map((child) => split(child, at, direction, id, before) ?? child) })
}

/** Takes a pane away; its neighbours in the same split share its space as they share the rest. Undefined when it was the last. */
export function close(tree: Tree | undefined, id: string): Tree | undefined {
  if (!tree) return undefined
  if (tree.kind === 'leaf') return tree.id === id ? undefined : tree
  const kept = tree.children.flatMap((child, index) => {
    const rest = close(child, id)
    return rest ? [{ child: rest, ratio: tree.ratios[index] ?? 0 }] : []
  })
  return normalize({ ...tree, children: kept.map(({ child }) => child), ratios: kept.map(({ ratio }) => ratio) })
}

/** The path to a split: which child to take at each level from the root. */
export type Path = readonly number[]

/** Gives the split at the path new shares. They are kept in proportion, above the smallest, and summed to 1. */
export function resize(tree: Tree | undefined, path: Path, ratios: readonly number[]): Tree | undefined {
  if (tree?.kind !== 'split') return tree
  const [index, ...rest] = path
  if (index === undefined) return ratios.length === tree.children.length ? { ...tree, ratios: shares(ratios) } : tree
  return { ...tree, children: tree.children.map((child, at) => (at === index ? (resize(child, rest, ratios) ?? child) : child)) }
}

/** A split as it should be: no empty one, none with a single child, none in another of its direction, ratios that sum to 1. */
export function normalize(tree: Split): Tree | undefined {
  const children: Tree[] = []
  const ratios: number[] = []
  const own = shares(tree.children.map((_child, index) => tree.ratios[index] ?? 0))
  for (const [index, child] of tree.children.entries()) {
    const whole = child.kind === 'split' ? normalize(child) : child
    const ratio = own[index] ?? 0
    if (whole?.kind === 'split' && whole.direction === tree.direction) {
      children.push(...whole.children)
      ratios.push(...whole.ratios.map((inner) => inner * ratio))
    } else if (whole) {
      children.push(whole)
      ratios.push(ratio)
    }
  }
  return children.length < 2 ? children[0] : { kind: 'split', direction: tree.direction, children, ratios: shares(ratios) }
}

/** Shares that sum to 1, none below the smallest; even ones where the given make no sense. */
function shares(ratios: readonly number[]): number[] {
  const count = ratios.length
  const floor = Math.min(smallestRatio, 1 / count)
  const valid = ratios.map((ratio) => (Number.isFinite(ratio) && ratio > 0 ? ratio : 0))
  const total = valid.reduce((sum, ratio) => sum + ratio, 0)
  if (!(total > 0 && Number.isFinite(total))) return ratios.map(() => 1 / count)
  const parts = valid.map((ratio) => ratio / total)
  if (parts.every((part) => part >= floor)) return parts
  // What the small ones lack is taken from what the others have above the floor.
  const raised = parts.map((part) => Math.max(part, floor))
  const above = raised.reduce((sum, part) => sum + part - floor, 0)
  const free = 1 - floor * count
  return raised.map((part) => floor + (above > 0 ? ((part - floor) / above) * free : 0))
}

/** A split whose children have the same space. */
export function even(direction: Direction, children: readonly Tree[]): Tree | undefined {
  return normalize({ kind: 'split', direction, children, ratios: children.map(() => 1 / children.length) })
}

/** Panes in a grid as square as it gets, filled row by row. */
export function grid(ids: readonly string[]): Tree | undefined {
  const columns = Math.ceil(Math.sqrt(ids.length))
  const rowCount = Math.ceil(ids.length / Math.max(1, columns))
  const rows = Array.from({ length: rowCount }, (_, row) => ids.slice(row * columns, (row + 1) * columns))
  return even(
    'column',
    rows.flatMap((row) => even('row', row.map(leaf)) ?? []),
  )
}

/** The pane after this one in reading order, around the end. */
export function next(tree: Tree | undefined, id: string, step: 1 | -1 = 1): string | undefined {
  const all = leaves(tree)
  const index = all.indexOf(id)
  return index < 0 ? all[0] : all[(index + step + all.length) % all.length]
}

const treeSchema: z.ZodType<Tree> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('leaf'), id: z.string() }),
    z.object({
      kind: z.literal('split'),
      direction: z.enum(['row', 'column']),
      children: z.array(treeSchema),
      ratios: z.array(z.number()),
    }),
  ]),
)

/** The tree that was kept as JSON, put right where it is not; undefined for what is none. An id that stands twice keeps its first place. */
export function parse(stored: unknown): Tree | undefined {
  const read = treeSchema.safeParse(stored)
  if (!read.success) return undefined
  const seen = new Set<string>()
  const once = (tree: Tree): Tree[] => {
    if (tree.kind === 'split') return [{ ...tree, children: tree.children.flatMap(once), ratios: onceRatios(tree) }]
    if (seen.has(tree.id)) return []
    seen.add(tree.id)
    return [tree]
  }
  // Children that go take their ratio along; with any gone, shares are even again.
  const onceRatios = (tree: Split): readonly number[] => (new Set(leaves(tree)).size === leaves(tree).length ? tree.ratios : [])
  const [tree] = once(read.data)
  return tree?.kind === 'split' ? normalize(tree) : tree
}
