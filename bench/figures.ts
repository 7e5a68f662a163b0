/** One line of the table: what was measured, against what, and whether that is enough. */
export type Figure = {
  /** What it is, such as `One overlay clone`. */
  title: string
  /** Domdeck's own measure, such as `0.41 s`. */
  measured: string
  /** The alternative, measured in the same run; empty where the target is absolute. */
  against: string
  value: number
  unit: '×' | '%' | 'ms' | 'B/s' | 'MB' | 'fps'
  target: { atLeast: number } | { atMost: number } | { below: number }
  /** How it was measured, in a sentence or two. */
  how: string
}

/** Whether a figure reaches its target. */
export function isMet({ value, target }: Pick<Figure, 'value' | 'target'>): boolean {
  if ('atLeast' in target) return value >= target.atLeast
  return 'atMost' in target ? value <= target.atMost : value < target.below
}

/** The value below which `share` (0 to 1) of the values lie; the nearest one that was measured. Throws without values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  if (found === undefined) throw new Error('Nothing was measured.')
  return found
}

/** The middle value; of two the lower. */
export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** Seconds as a person reads them. */
export const seconds = (value: number): string => (value < 0.1 ? `${(value * 1000).toFixed(1)} ms` : `${value.toFixed(2)} s`)

/** Milliseconds as a person reads them. */
export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`
