import type { Row } from './rows'

/** Where a key moves the cursor: an index of `rows`, or undefined when the key moves nothing. `page` is how many rows fit. */
export function keyTarget(key: string, rows: readonly Row[], index: number, page: number): number | undefined {
  const within = (to: number): number | undefined => (rows.length === 0 ? undefined : Math.min(rows.length - 1, Math.max(0, to)))
  const row = rows[index]
  switch (key) {
    case 'ArrowDown':
      return within(index + 1)
    case 'ArrowUp':
      return within(index < 0 ? 0 : index - 1)
    case 'PageDown':
      return within(index + page)
    case 'PageUp':
      return within(index - page)
    case 'Home':
      return within(0)
    case 'End':
      return within(rows.length - 1)
    case 'ArrowRight':
      return row && 'open' in row && row.open ? within(index + 1) : undefined
    case 'ArrowLeft':
      return row && !('open' in row && row.open) ? parentOf(rows, index) : undefined
    default:
      return undefined
  }
}

/** The row that a row stands under; undefined at the top. */
function parentOf(rows: readonly Row[], index: number): number | undefined {
  const row = rows[index]
  const level = row && 'level' in row ? row.level : Number.MAX_SAFE_INTEGER
  const parent = rows.slice(0, index).findLastIndex((one) => 'level' in one && one.level < level)
  return parent < 0 ? undefined : parent
}
