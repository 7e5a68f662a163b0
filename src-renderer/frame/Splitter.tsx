import type { KeyboardEvent, PointerEvent } from 'react'

type SplitterProps = {
  /** What it resizes. */
  label: string
  /** Which edge of the page its panel hangs on. */
  side: 'left' | 'right'
  value: number
  min: number
  max: number
  onChange(width: number): void
}

const keyStep = 16

/** The edge between two columns: drag it, or move it with the arrows. Widths in pixels. */
export function Splitter({ label, side, value, min, max, onChange }: SplitterProps) {
  const sign = side === 'left' ? 1 : -1
  const set = (width: number): void => onChange(Math.round(Math.min(max, Math.max(min, width))))
  const onPointerDown = (down: PointerEvent<HTMLHRElement>): void => {
    const edge = down.currentTarget
    edge.setPointerCapture(down.pointerId)
    const move = (event: globalThis.PointerEvent): void => set(value + sign * (event.clientX - down.clientX))
    edge.addEventListener('pointermove', move)
    edge.addEventListener('lostpointercapture', () => edge.removeEventListener('pointermove', move), { once: true })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    event.preventDefault()
    set(value + sign * (event.key === 'ArrowRight' ? keyStep : -keyStep))
  }
  return (
    <hr
      className={`edge edge-${side}`}
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  )
}
