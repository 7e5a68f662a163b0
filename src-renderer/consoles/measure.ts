import { type Size, zoomFactor } from '../layout/edges'
import type { ConsoleTerminal } from './terminal'

/** Pixels of a character, of the pane around a terminal, and of all panes together. */
export function measure({ xterm, element }: Pick<ConsoleTerminal, 'xterm' | 'element'>): { cell: Size; pane: Size; area: Size } {
  const screen = sizeOf(xterm.element?.querySelector('.xterm-screen'))
  return {
    cell: { width: screen.width / xterm.cols, height: screen.height / xterm.rows },
    pane: sizeOf(element.closest('.pane')),
    area: sizeOf(element.closest('.dock-panes')),
  }
}

/** How much larger its text may be when this pane alone fills the dock. */
export function zoomOf(terminal: Pick<ConsoleTerminal, 'xterm' | 'element'>): number {
  const { cell, pane, area } = measure(terminal)
  const { cols, rows } = terminal.xterm
  return zoomFactor(
    { columns: cols, rows },
    {
      columns: cols + Math.floor((area.width - pane.width) / cell.width),
      rows: rows + Math.floor((area.height - pane.height) / cell.height),
    },
  )
}

function sizeOf(element: Element | null | undefined): Size {
  const { width, height } = element?.getBoundingClientRect() ?? { width: 0, height: 0 }
  return { width, height }
}
