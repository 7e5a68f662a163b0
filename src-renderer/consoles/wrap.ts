import type { Terminal } from '@xterm/xterm'

/**
 * Resizes a terminal, and has the next character begin a line of its own where the last one has filled its line. xterm forgets that (6.0,
 * Buffer.resize keeps the cursor within the columns) and would write over the last character; its API has no way to put the cursor
 * there.
 */
export function resizeKeepingWrap(xterm: Terminal, resize: () => void): void {
  const { cols } = xterm
  const isFilled = xterm.buffer.active.cursorX === cols
  resize()
  // In a wider terminal the line goes on.
  if (isFilled && xterm.cols <= cols) cursorOf(xterm).x = xterm.cols
}

function cursorOf(xterm: Terminal): { x: number } {
  return (xterm as unknown as { _core: { buffer: { x: number } } })._core.buffer
}
