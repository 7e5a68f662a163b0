import { type CSSProperties, type ReactNode, useEffect, useState } from 'react'

/** Nothing here: one sentence and one button, where the first row would be. */
export function EmptyState({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <span>{children}</span>
      {action}
    </div>
  )
}

const rowWidths = ['58%', '44%', '66%', '50%', '61%', '39%']

/** Rows still to come, in their true height. Nothing for the first 200 ms, so that a quick answer does not flicker. */
export function LoadingRows({ rows = 4, height = 24, label }: { rows?: number; height?: number; label: string }) {
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200)
    return () => clearTimeout(timer)
  }, [])
  if (!shown) return null
  return (
    <div className="wait" role="status" aria-label={label} style={{ '--wait-h': `${height}px` } as CSSProperties}>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity
        <i key={index} style={{ '--wait-w': rowWidths[index % rowWidths.length] } as CSSProperties} />
      ))}
    </div>
  )
}
