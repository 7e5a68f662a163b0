import { attempt } from '../frame/notices'
import type { Pane } from './layout'
import { hasLineEnd, typedPasteLength } from './paste'
import { sessionOf } from './session'
import { useConsoles } from './store'

/** Pastes into a pane: a short line as if it were typed, more at a guest's pace until the signal is aborted. What goes wrong is told. */
export function pasteInto(pane: Pane, text: string, signal: AbortSignal): Promise<void> | void {
  const session = sessionOf(pane)
  if (!hasLineEnd(text) && text.length <= typedPasteLength) return session.typePaste(text)
  return attempt(`Paste into ${pane.name}`, async () => {
    try {
      // Another pane of this page may be the writer.
      if (useConsoles.getState().facts.get(pane.id)?.writer?.self !== true) await session.takeWriter()
      await session.paste(text, signal)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  })
}
