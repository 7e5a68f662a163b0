import type { Side } from './neighbour'
import { type Direction, leaves, type Path, resize, type Split, smallestRatio, type Tree } from './tree'

/** Pixels. */
export type Size = { width: number; height: number }

/**
 * Moves an edge of a pane by one cell towards a side, as Terminator does: it is the edge that the nearest split of that axis has
 * after the pane, or before it where it is the last, so that `up` always moves it up. `area` is what the tree fills. The same tree
 * where there is no such edge, or no room.
 */
export function moveEdge(tree: Tree | undefined, id: string, side: Side, cell: Size, area: Size): Tree | undefined {
  const level = side === 'left' || side === 'right'
  const found = nearestSplit(tree, id, level ? 'row' : 'column')
  if (!found) return tree
  const { split, path, index, share } = found
  const length = (level ? area.width : area.height) * share
  const step = ((side === 'right' || side === 'down' ? 1 : -1) * (level ? cell.width : cell.height)) / length
  const before = Math.min(index, split.children.length - 2)
  const ratios = split.ratios.map((ratio, at) => (at === before ? ratio + step : at === before + 1 ? ratio - step : ratio))
  const isRoom = Number.isFinite(step) && ratios.every((ratio, at) => ratio >= Math.min(smallestRatio, split.ratios[at] ?? 0))
  return isRoom ? resize(tree, path, ratios) : tree
}

/** The innermost split of this direction around a pane, the child that the pane is in, and its length as a share of the whole. */
function nearestSplit(
  tree: Tree | undefined,
  id: string,
  direction: Direction,
): { split: Split; path: Path; index: number; share: number } | undefined {
  if (tree?.kind !== 'split') return undefined
  const index = tree.children.findIndex((child) => leaves(child).includes(id))
  if (index < 0) return undefined
  const inner = nearestSplit(tree.children[index], id, direction)
  if (inner) {
    const ratio = tree.direction === direction ? (tree.ratios[index] ?? 0) : 1
    return { ...inner, path: [index, ...inner.path], share: inner.share * ratio }
  }
  return tree.direction === direction ? { split: tree, path: [], index, share: 1 } : undefined
}

/** Which splits besides the one that is meant: those around it, those in it. */
export type Reach = { up?: boolean; down?: boolean }

/** Gives all children of the split at the path the same space, and of those around and in it if wished. */
export function equalise(tree: Tree | undefined, path: Path, { up = false, down = false }: Reach = {}): Tree | undefined {
  if (tree?.kind !== 'split') return tree
  const [index, ...rest] = path
  const isMeant = index === undefined
  return {
    ...tree,
    ratios: isMeant || up ? tree.children.map(() => 1 / tree.children.length) : tree.ratios,
    children: tree.children.map((child, at) => {
      if (isMeant) return down ? (equalise(child, [], { down }) ?? child) : child
      return at === index ? (equalise(child, rest, { up, down }) ?? child) : child
    }),
  }
}

/** Turns the whole tree by a quarter, as one turns a picture. */
export function rotate(tree: Tree | undefined, clockwise: boolean): Tree | undefined {
  if (tree?.kind !== 'split') return tree
  const children = tree.children.map((child) => rotate(child, clockwise) ?? child)
  // What is at the bottom comes to the left clockwise, what is at the right to the top the other way.
  const isTurnedOver = (tree.direction === 'column') === clockwise
  return {
    kind: 'split',
    direction: tree.direction === 'row' ? 'column' : 'row',
    children: isTurnedOver ? children.toReversed() : children,
    ratios: isTurnedOver ? tree.ratios.toReversed() : tree.ratios,
  }
}

/** The direction in which a pane of this size is split so that its halves are as square as can be. */
export function longerSide({ width, height }: Size): Direction {
  return width > height ? 'row' : 'column'
}

/** How much larger the text of a pane gets that is zoomed from this size to that one, in columns and rows: Terminator's measure. */
export function zoomFactor(from: { columns: number; rows: number }, to: { columns: number; rows: number }): number {
  const factor = Math.min((to.columns / from.columns) * 0.97, (to.rows / from.rows) * 1.05)
  return Number.isFinite(factor) && factor > 0 ? factor : 1
}
