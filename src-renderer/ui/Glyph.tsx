import type { ReactNode } from 'react'

/** Shape first, colour second: guests are round. */
const shapes = {
  running: <circle cx="6" cy="6" r="3.5" fill="currentColor" />,
  paused: <path d="M4.25 3v6M7.75 3v6" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />,
  halted: <circle cx="6" cy="6" r="3.25" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  saved: (
    <>
      <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.25" />
      <path d="M5 4.6v2.8M7 4.6v2.8" stroke="currentColor" strokeWidth="1.25" strokeLinecap="round" />
    </>
  ),
  crashed: <path d="M6 1.6 10.4 6 6 10.4 1.6 6z" fill="currentColor" />,
  booting: (
    <>
      <circle cx="6" cy="6" r="3.75" fill="none" stroke="currentColor" strokeOpacity=".28" strokeWidth="1.5" />
      <path d="M6 2.25A3.75 3.75 0 0 1 9.75 6" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
    </>
  ),
  queued: (
    <circle
      cx="6"
      cy="6"
      r="3.5"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeDasharray="1 2.14"
      strokeLinecap="round"
    />
  ),
  unknown: <path d="M3.5 6h5" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />,
} satisfies Record<string, ReactNode>

export type GlyphShape = keyof typeof shapes

/**
 * The state of a guest or of one step under way. `label` is what a screen reader says; an empty one hides the glyph from it.
 * A `past` state is one that may have changed since: without colour, and still.
 */
export function Glyph({ shape, label = shape, past = false }: { shape: GlyphShape; label?: string; past?: boolean }) {
  const classes = past ? 'gl past' : `gl gl-${shape}`
  if (label === '')
    return (
      <svg className={classes} viewBox="0 0 12 12" aria-hidden="true">
        {shapes[shape]}
      </svg>
    )
  return (
    <svg className={classes} viewBox="0 0 12 12" role="img" aria-label={label}>
      {shapes[shape]}
    </svg>
  )
}

export type HostShape = 'connected' | 'slow' | 'busy' | 'idle' | 'offline'

/** The state of a host: hosts are square. */
export function HostGlyph({ shape, label = shape }: { shape: HostShape; label?: string }) {
  return <i className={`hs hs-${shape}`} {...(label === '' ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })} />
}
