import type { ILink, IMarker, Terminal } from '@xterm/xterm'
import { type LinkHandlers, linkTarget } from './links'

/** Links that are kept, the last ones: with each, every line that leaves the scrollback costs a look. */
const mostLinks = 200
/** Cells of one link, and characters of its address. */
const longestText = 2_000
const longestAddress = 2_048

/** Cells of a terminal from `x` in the row of `marker` on, row after row, and what stood there. */
type Place = { marker: IMarker; x: number; length: number; text: string }
type Hyperlink = Place & { target: string }

/**
 * Hears of links whose text is not their address (OSC 8: `ESC ] 8 ; PARAMETERS ; ADDRESS ST text ESC ] 8 ; ; ST`) in the output of a guest,
 * for `links.ts` to show and open like others. xterm's own ones are not bounded: it keeps a listener for each line of each link.
 */
export function hearHyperlinks(xterm: Terminal, handlers: LinkHandlers): void {
  let links: Hyperlink[] = []
  let begun: { marker: IMarker; x: number; target: string } | undefined

  function end(): void {
    if (!begun) return
    const { marker, x, target } = begun
    begun = undefined
    const { active } = xterm.buffer
    const length = (active.baseY + active.cursorY - marker.line) * xterm.cols + active.cursorX - x
    const text = marker.isDisposed || length <= 0 || length > longestText ? '' : textAt(xterm, marker.line, x, length)
    if (text.trim() === '') {
      marker.dispose()
      return
    }
    links = [...links.filter((link) => !link.marker.isDisposed), { marker, x, length, text, target }]
    for (const old of links.splice(0, links.length - mostLinks)) old.marker.dispose()
  }

  xterm.parser.registerOscHandler(8, (data) => {
    end()
    const target = data.length > longestAddress ? undefined : linkTarget(data.slice(data.indexOf(';') + 1))
    const { type, cursorX } = xterm.buffer.active
    // The other screen has no lines that stay.
    if (target !== undefined && type === 'normal') begun = { marker: xterm.registerMarker(0), x: cursorX, target }
    return true
  })
  xterm.registerLinkProvider({
    provideLinks(row, callback) {
      const found = links.filter((link) => isInRow(xterm, link, row - 1))
      callback(found.map((link) => ({ ...handlers, text: link.target, range: rangeOf(xterm, link) })))
    },
  })
}

/** Whether it still stands there, from 0, as it was printed: what was written over it is no link. */
function isInRow(xterm: Terminal, { marker, x, length, text }: Place, row: number): boolean {
  if (marker.isDisposed || xterm.buffer.active.type !== 'normal') return false
  const rowOf = (cell: number): number => marker.line + Math.floor(cell / xterm.cols)
  return rowOf(x) <= row && row <= rowOf(x + length - 1) && textAt(xterm, marker.line, x, length) === text
}

/** As xterm has it: from 1, with the last cell. */
function rangeOf({ cols }: Terminal, { marker, x, length }: Place): ILink['range'] {
  const at = (cell: number) => ({ x: (cell % cols) + 1, y: marker.line + Math.floor(cell / cols) + 1 })
  return { start: at(x), end: at(x + length - 1) }
}

function textAt(xterm: Terminal, row: number, x: number, length: number): string {
  let text = ''
  for (let cell = x; cell < x + length; ) {
    const column = cell % xterm.cols
    const end = Math.min(xterm.cols, column + x + length - cell)
    text += xterm.buffer.active.getLine(row + Math.floor(cell / xterm.cols))?.translateToString(false, column, end) ?? ''
    cell += end - column
  }
  return text
}
