/** The line and the area below it of values between 0 and `top`, on a box of this size; both empty for fewer than two values. */
export function sparklinePaths(
  values: readonly number[],
  width: number,
  height: number,
  top: number,
): { line: string; area: string } {
  if (values.length < 2) return { line: '', area: '' }
  const pad = 1.3
  const points = values.map((value, index) => {
    const share = top > 0 ? Math.min(1, Math.max(0, value / top)) : 0
    const x = (index / (values.length - 1)) * width
    const y = height - pad - share * (height - 2 * pad)
    return `${x.toFixed(1)} ${y.toFixed(1)}`
  })
  const line = `M${points.join('L')}`
  return { line, area: `M0 ${height}L${points.join('L')}L${width} ${height}z` }
}
