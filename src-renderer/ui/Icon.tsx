import type { ReactNode } from 'react'

const dots = (
  <g fill="currentColor" stroke="none">
    <circle cx="3.5" cy="8" r="1.1" />
    <circle cx="8" cy="8" r="1.1" />
    <circle cx="12.5" cy="8" r="1.1" />
  </g>
)

/** Drawn on a 16 px box; the stroke comes from `.ic`. */
const shapes = {
  add: <path d="M8 3.25v9.5M3.25 8h9.5" />,
  alert: <path d="M7.1 2.9a1.05 1.05 0 0 1 1.8 0l5 8.8a1.05 1.05 0 0 1-.9 1.55H3a1.05 1.05 0 0 1-.9-1.55zM8 6.25v3M8 11.2h.01" />,
  bell: <path d="M4 7a4 4 0 0 1 8 0c0 3.2 1.25 4.25 1.25 4.25H2.75S4 10.2 4 7zM6.75 13.5a1.4 1.4 0 0 0 2.5 0" />,
  broadcast: (
    <>
      <circle cx="8" cy="8" r="1.4" fill="currentColor" stroke="none" />
      <path d="M5.3 10.7a3.8 3.8 0 0 1 0-5.4M10.7 5.3a3.8 3.8 0 0 1 0 5.4M3.2 12.8a6.8 6.8 0 0 1 0-9.6M12.8 3.2a6.8 6.8 0 0 1 0 9.6" />
    </>
  ),
  check: <path d="M3.25 8.4l3 3L12.75 5" />,
  'chevron-down': <path d="M4 6.25 8 10.25l4-4" />,
  'chevron-left': <path d="M9.75 4l-4 4 4 4" />,
  'chevron-right': <path d="M6.25 4 10.25 8l-4 4" />,
  'chevron-up': <path d="M4 9.75 8 5.75l4 4" />,
  clock: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="M8 4.75V8l2.25 1.5" />
    </>
  ),
  clone: (
    <>
      <rect x="5.5" y="5.5" width="8.25" height="8.25" rx="1.75" />
      <path d="M3.4 10.5a1.4 1.4 0 0 1-1.15-1.4V4A1.75 1.75 0 0 1 4 2.25h5.1a1.4 1.4 0 0 1 1.4 1.15M9.6 7.6v4M7.6 9.6h4" />
    </>
  ),
  close: <path d="M4.25 4.25l7.5 7.5M11.75 4.25l-7.5 7.5" />,
  code: <path d="M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5" />,
  console: (
    <>
      <rect x="1.75" y="2.5" width="12.5" height="11" rx="2" />
      <path d="M4.75 6l2 2-2 2M8.5 10.25h2.75" />
    </>
  ),
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8.25" height="8.25" rx="1.75" />
      <path d="M3.4 10.5a1.4 1.4 0 0 1-1.15-1.4V4A1.75 1.75 0 0 1 4 2.25h5.1a1.4 1.4 0 0 1 1.4 1.15" />
    </>
  ),
  differs: <path d="M3.25 6h9.5M3.25 10h9.5M10.5 2.75l-5 10.5" />,
  download: <path d="M8 2.5v7.75M4.75 7.2L8 10.4l3.25-3.2M2.75 13.5h10.5" />,
  eye: (
    <>
      <path d="M1.5 8S3.9 3.75 8 3.75 14.5 8 14.5 8 12.1 12.25 8 12.25 1.5 8 1.5 8z" />
      <circle cx="8" cy="8" r="1.9" />
    </>
  ),
  'eye-off': (
    <path d="M2.5 2.5l11 11M6.3 4a6.3 6.3 0 0 1 1.7-.25c4.1 0 6.5 4.25 6.5 4.25a11 11 0 0 1-1.7 2.1M4.2 5.2A10.6 10.6 0 0 0 1.5 8S3.9 12.25 8 12.25a6.2 6.2 0 0 0 3-.77M6.6 6.7a1.9 1.9 0 0 0 2.7 2.7" />
  ),
  filter: <path d="M2.25 4h11.5M4.5 8h7M6.75 12h2.5" />,
  flask: <path d="M6 2.25h4M6.75 2.25v4L3 12a1.2 1.2 0 0 0 1 1.85h8A1.2 1.2 0 0 0 13 12L9.25 6.25v-4M4.9 9.6h6.2" />,
  info: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="M8 7.5v3.25M8 5.25h.01" />
    </>
  ),
  key: (
    <>
      <circle cx="5" cy="11" r="2.75" />
      <path d="M7 9l6.25-6.25M10.4 5.6l2 2" />
    </>
  ),
  layers: <path d="M8 2l6.25 3.1L8 8.2 1.75 5.1zM1.75 8.1L8 11.2l6.25-3.1M1.75 11L8 14.1l6.25-3.1" />,
  lock: (
    <>
      <rect x="3" y="7" width="10" height="6.75" rx="1.75" />
      <path d="M5 7V5a3 3 0 0 1 6 0v2" />
    </>
  ),
  maximise: <path d="M9.75 2.75h3.5v3.5M6.25 13.25h-3.5v-3.5M13.25 2.75l-4 4M2.75 13.25l4-4" />,
  minus: <path d="M3.5 8h9" />,
  moon: <path d="M13.4 9.5A5.6 5.6 0 1 1 6.5 2.6a4.5 4.5 0 0 0 6.9 6.9z" />,
  more: dots,
  network: (
    <>
      <rect x="6" y="2" width="4" height="3.5" rx=".9" />
      <rect x="1.75" y="10.5" width="4" height="3.5" rx=".9" />
      <rect x="10.25" y="10.5" width="4" height="3.5" rx=".9" />
      <path d="M8 5.5V8M3.75 10.5V8h8.5v2.5" />
    </>
  ),
  'panel-left': (
    <>
      <rect x="1.75" y="2.5" width="12.5" height="11" rx="2" />
      <path d="M6 2.5v11" />
    </>
  ),
  'panel-right': (
    <>
      <rect x="1.75" y="2.5" width="12.5" height="11" rx="2" />
      <path d="M10 2.5v11" />
    </>
  ),
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" />,
  pencil: <path d="M11.2 2.6a1.5 1.5 0 0 1 2.2 2.2L5.3 12.9l-3 .8.8-3z" />,
  play: <path d="M5 3.4v9.2a.6.6 0 0 0 .92.5l7-4.6a.6.6 0 0 0 0-1l-7-4.6a.6.6 0 0 0-.92.5z" />,
  power: <path d="M8 2.25V7.5M4.7 4.4a5.25 5.25 0 1 0 6.6 0" />,
  reboot: <path d="M13.25 8a5.25 5.25 0 1 1-1.7-3.86L13.25 5.7M13.25 2.5v3.2h-3.2" />,
  record: <circle cx="8" cy="8" r="4.25" fill="currentColor" stroke="none" />,
  search: (
    <>
      <circle cx="7" cy="7" r="4.25" />
      <path d="M10.2 10.2l3.3 3.3" />
    </>
  ),
  server: (
    <>
      <rect x="2" y="2.5" width="12" height="4.5" rx="1.25" />
      <rect x="2" y="9" width="12" height="4.5" rx="1.25" />
      <path d="M4.75 4.75h.01M4.75 11.25h.01M7.25 4.75h4M7.25 11.25h4" />
    </>
  ),
  settings: (
    <>
      <path d="M2 4.5h6.5M12.5 4.5H14M2 11.5h1.5M7.5 11.5H14" />
      <circle cx="10.5" cy="4.5" r="1.75" />
      <circle cx="5.5" cy="11.5" r="1.75" />
    </>
  ),
  shield: <path d="M8 1.75l5 1.75v4.1c0 3.2-2.2 5.4-5 6.65-2.8-1.25-5-3.45-5-6.65V3.5z" />,
  'split-down': (
    <>
      <rect x="1.75" y="2.5" width="12.5" height="11" rx="2" />
      <path d="M1.75 8h12.5" />
    </>
  ),
  'split-right': (
    <>
      <rect x="1.75" y="2.5" width="12.5" height="11" rx="2" />
      <path d="M8 2.5v11" />
    </>
  ),
  sun: (
    <>
      <circle cx="8" cy="8" r="2.75" />
      <path d="M8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9" />
    </>
  ),
  trash: (
    <path d="M2.75 4.25h10.5M6.25 4.25V2.75h3.5v1.5M4.25 4.25l.6 8.1a1.2 1.2 0 0 0 1.2 1.15h3.9a1.2 1.2 0 0 0 1.2-1.15l.6-8.1M6.75 6.75v4M9.25 6.75v4" />
  ),
  undo: <path d="M4 6.5h5.75a3.25 3.25 0 1 1 0 6.5H6.5M6.75 3.5l-3 3 3 3" />,
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof shapes

/** One of Domdeck's own icons: 16 px, or 14 (`s`) and 12 (`xs`) with the same weight. Decoration only; words carry the meaning. */
export function Icon({
  name,
  size,
  className,
}: {
  name: IconName
  size?: 's' | 'xs' | undefined
  className?: string | undefined
}) {
  return (
    <svg className={['ic', size, className].filter(Boolean).join(' ')} viewBox="0 0 16 16" aria-hidden="true">
      {shapes[name]}
    </svg>
  )
}

/** The mark of the product. */
export function Brand() {
  return (
    <svg viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
      <rect x="1.5" y="11.5" width="15" height="4" rx="1.25" fill="var(--fg-off)" />
      <rect x="3" y="6.75" width="12" height="4" rx="1.25" fill="var(--fg-2)" />
      <rect x="4.5" y="2" width="9" height="4" rx="1.25" fill="var(--accent-line)" />
    </svg>
  )
}
