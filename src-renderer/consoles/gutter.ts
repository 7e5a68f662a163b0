import type { IMarker, Terminal } from '@xterm/xterm'
import { clockTime } from './status'

export type Gutter = {
  readonly element: HTMLElement
  show(shown: boolean): void
  /** Whether what is written now has just come. Of what a console kept from before, nobody knows the time. */
  setLive(live: boolean): void
  dispose(): void
}

/** From this row on, the lines came at this time, in seconds; undefined when that is not known. */
type Mark = { marker: IMarker; at: number | undefined }

/**
 * When each line of a terminal came, beside it. Lines that came in one second share a mark of xterm, which moves with the
 * scrollback and goes with it: a flood costs one a second, and there is nothing to do for what is not shown.
 */
export function createGutter(xterm: Terminal, now: () => number = Date.now): Gutter {
  const element = document.createElement('pre')
  element.className = 'gutter'
  element.hidden = true
  element.setAttribute('role', 'group')
  element.setAttribute('aria-label', 'When each line came')
  let marks: Mark[] = []
  /** Where the last write ended: a mark, for rows have other numbers once the oldest ones are gone. */
  let end: IMarker | undefined
  let live = true
  let drawn = ''

  function mark(): void {
    const { normal, active } = xterm.buffer
    if (active.type !== 'normal') return
    const row = normal.baseY + normal.cursorY
    const at = live ? Math.floor(now() / 1000) : undefined
    const last = marks.at(-1)
    if (!last || last.at !== at || last.marker.isDisposed) {
      marks = marks.filter(({ marker }) => !marker.isDisposed)
      const from = end ? Math.min(row, end.line + 1) : 0
      const marker = xterm.registerMarker(from - row)
      if (marker) marks.push({ marker, at })
    }
    if (end?.line === row) return
    end?.dispose()
    end = xterm.registerMarker(0)
  }

  function draw(): void {
    if (element.hidden) return
    const { active } = xterm.buffer
    const screen = xterm.element?.querySelector('.xterm-screen')
    const lines: string[] = []
    const last = active.baseY + active.cursorY
    for (let row = active.viewportY; row < active.viewportY + xterm.rows; row++) {
      const at =
        active.type === 'normal' && row <= last
          ? marks.findLast(({ marker }) => !marker.isDisposed && marker.line <= row)?.at
          : undefined
      lines.push(at === undefined || active.getLine(row)?.isWrapped ? '' : clockTime(at * 1000))
    }
    const text = lines.join('\n')
    if (text === drawn) return
    drawn = text
    element.textContent = text
    if (screen) element.style.lineHeight = `${screen.clientHeight / xterm.rows}px`
  }

  const stops = [xterm.onWriteParsed(mark), xterm.onRender(draw), xterm.onScroll(draw)]
  return {
    element,
    show(shown) {
      element.hidden = !shown
      drawn = ''
      draw()
    },
    setLive(next) {
      live = next
    },
    dispose() {
      for (const stop of stops) stop.dispose()
    },
  }
}
