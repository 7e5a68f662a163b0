import type { Tree } from './tree'

/** Where a pane stands, as shares of the whole: 0 to 1 from the left and from the top. */
export type Box = { id: string; left: number; top: number; right: number; bottom: number }
export type Side = 'left' | 'right' | 'up' | 'down'

/** Where each pane stands. */
export function boxes(tree: Tree | undefined, within: Omit<Box, 'id'> = { left: 0, top: 0, right: 1, bottom: 1 }): Box[] {
  if (!tree) return []
  if (tree.kind === 'leaf') return [{ id: tree.id, ...within }]
  const { left, top, right, bottom } = within
  let at = 0
  return tree.children.flatMap((child, index) => {
    const from = at
    at = index === tree.children.length - 1 ? 1 : at + (tree.ratios[index] ?? 0)
    return tree.direction === 'row'
      ? boxes(child, { ...within, left: left + from * (right - left), right: left + at * (right - left) })
      : boxes(child, { ...within, top: top + from * (bottom - top), bottom: top + at * (bottom - top) })
  })
}

/** Ids of all panes as a page is read: row by row from the top, each from the left. Edges that look level are. */
export function readingOrder(tree: Tree | undefined): string[] {
  const level = (share: number): number => Math.round(share * 100)
  return boxes(tree)
    .sort((one, other) => level(one.top) - level(other.top) || one.left - other.left)
    .map(({ id }) => id)
}

const slack = 1e-6

/**
 * The pane that lies in this direction, as Terminator finds it: wholly beyond the edge and overlapping it, the nearest; of
 * several the one whose centre is closest; around the window's edge when there is none.
 */
export function neighbour(tree: Tree | undefined, id: string, side: Side): string | undefined {
  const all = boxes(tree)
  const from = all.find((box) => box.id === id)
  if (!from) return undefined
  const level = side === 'left' || side === 'right'
  const others = all.filter((box) => box !== from && overlaps(from, box, level))
  const ahead = others.filter((box) => distance(from, box, side) > -slack)
  const candidates = ahead.length > 0 ? ahead : others
  // Around the edge, the farthest one behind is the first to be met.
  return [...candidates].sort(
    (one, other) =>
      compare(distance(from, one, side), distance(from, other, side)) || offset(from, one, level) - offset(from, other, level),
  )[0]?.id
}

function overlaps(one: Box, other: Box, level: boolean): boolean {
  return level
    ? one.top < other.bottom - slack && other.top < one.bottom - slack
    : one.left < other.right - slack && other.left < one.right - slack
}

/** From the edge of one to the facing edge of the other; below 0 for a pane that is not beyond it. */
function distance(from: Box, to: Box, side: Side): number {
  if (side === 'left') return from.left - to.right
  if (side === 'right') return to.left - from.right
  return side === 'up' ? from.top - to.bottom : to.top - from.bottom
}

function offset(from: Box, to: Box, level: boolean): number {
  return level ? Math.abs(from.top + from.bottom - to.top - to.bottom) : Math.abs(from.left + from.right - to.left - to.right)
}

function compare(one: number, other: number): number {
  return Math.abs(one - other) < slack ? 0 : one - other
}

/** The edge that a point of a box is nearest to, by the diagonals of the box. `x` and `y` are shares of it, from the left and the top. */
export function edgeAt(x: number, y: number): Side {
  if (y < x) return y < 1 - x ? 'up' : 'right'
  return y < 1 - x ? 'left' : 'down'
}
