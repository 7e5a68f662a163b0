import { attempt } from '../frame/notices'
import { usePreferences } from '../frame/preferences'
import type { ConsoleTerminal } from './terminal'

/** What was selected last in any console of this page: the primary selection, where the browser gives none of the system. */
let selected = ''

/** The text that was selected last; empty for none. */
export function primarySelection(): string {
  return selected
}

type PointerActs = {
  /** Ctrl and the wheel. */
  onZoom(step: 1 | -1): void
  /** The middle button, where no paste of the browser's came of it. */
  onPastePrimary(text: string): void
}

/**
 * What the mouse does in a terminal besides what xterm does with it: Ctrl and the wheel zoom, what is selected becomes the
 * primary selection (and goes to the clipboard if the person wants that), the middle button pastes it. Returns what ends it.
 */
export function followPointer({ element, xterm }: ConsoleTerminal, { onZoom, onPastePrimary }: PointerActs): () => void {
  let pasted = false
  const onWheel = (event: WheelEvent): void => {
    if (!event.ctrlKey || event.deltaY === 0) return
    // Else the whole page would zoom, and xterm would scroll.
    event.preventDefault()
    event.stopPropagation()
    onZoom(event.deltaY < 0 ? 1 : -1)
  }
  const onSelected = (): void => {
    if (!xterm.hasSelection()) return
    selected = xterm.getSelection()
    if (usePreferences.getState().copyOnSelect)
      void attempt('Copy what is selected', () => navigator.clipboard.writeText(selected))
  }
  const onDown = (event: MouseEvent): void => {
    pasted = false
    // The button may be let go outside. xterm has the selection by then, for it listens on the document, too.
    if (event.button === 0) document.addEventListener('mouseup', () => setTimeout(onSelected), { once: true })
  }
  const onPaste = (event: ClipboardEvent): void => {
    // Without a primary selection of the system, there is an empty one.
    pasted ||= event.clipboardData?.getData('text/plain') !== ''
  }
  const onMiddle = (event: MouseEvent): void => {
    if (event.button !== 1 || (xterm.modes.mouseTrackingMode !== 'none' && !event.shiftKey)) return
    // On Linux, the browser pastes the system's primary selection in this same turn.
    setTimeout(() => {
      if (!pasted && selected !== '') onPastePrimary(selected)
    })
  }
  element.addEventListener('wheel', onWheel, { capture: true, passive: false })
  element.addEventListener('mousedown', onDown, true)
  // The pane takes the paste at the root of the page, so that nothing below hears of it.
  window.addEventListener('paste', onPaste, true)
  element.addEventListener('auxclick', onMiddle)
  return () => {
    element.removeEventListener('wheel', onWheel, { capture: true })
    element.removeEventListener('mousedown', onDown, true)
    window.removeEventListener('paste', onPaste, true)
    element.removeEventListener('auxclick', onMiddle)
  }
}
