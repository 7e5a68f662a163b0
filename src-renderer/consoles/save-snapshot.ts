import { usePreferences } from '../frame/preferences'
import { download } from '../ui/download'
import type { Pane } from './layout'
import { sessionOf } from './session'
import { htmlPage, looks, picture } from './snapshot'
import { terminalFontFamily, themeNow } from './terminal'

/** Saves what a pane shows: all its lines as text or as a page with their colours, or a picture of its screen. */
export async function saveSnapshot(pane: Pane, kind: 'text' | 'html' | 'png'): Promise<void> {
  const { terminal } = sessionOf(pane)
  const { xterm } = terminal
  const { active } = xterm.buffer
  const theme = themeNow()
  const at = new Date().toISOString().slice(0, 19).replace('T', ' ')
  const name = `${pane.name}-${at.replace(/[ :]/g, '-')}`
  if (kind === 'text') download(`${name}.txt`, 'text/plain', `${terminal.text()}\n`)
  else if (kind === 'html') {
    const last = active.baseY + active.cursorY + 1
    download(`${name}.html`, 'text/html', htmlPage(`${pane.name}, ${at}`, looks(xterm, theme, 0, last), theme))
  } else {
    const lines = looks(xterm, theme, active.viewportY, active.viewportY + xterm.rows)
    const fontFamily = terminalFontFamily(usePreferences.getState().terminalFont)
    download(`${name}.png`, 'image/png', await picture(lines, { columns: xterm.cols, theme, fontFamily, fontSize: 12 }))
  }
}
