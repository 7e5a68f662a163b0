import { memo } from 'react'
import { sparklinePaths } from './sparkline-path'

type SparklineProps = {
  values: readonly number[]
  /** The value that reaches the top. */
  top: number
  width?: number
  height?: number
  /** Amber: worth a look. */
  hot?: boolean
  label: string
}

/** A trend without axes. Nothing is drawn before two values are known. */
export const Sparkline = memo(function Sparkline({ values, top, width = 48, height = 12, hot, label }: SparklineProps) {
  const { line, area } = sparklinePaths(values, width, height, top)
  return (
    <svg
      className={hot ? 'spk hot' : 'spk'}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      {line && <path className="a" d={area} />}
      {line && <path className="l" d={line} />}
    </svg>
  )
})
