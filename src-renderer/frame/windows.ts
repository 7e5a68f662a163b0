import { currentClient } from '../api/page'
import { keysFor } from './keymap'
import { attempt } from './notices'
import { usePreferences } from './preferences'

/** In the address of a page that is to begin without the saved layout. */
const newWindow = 'window=new'

/** Opens the app once more: another window of the desktop app, another tab of the browser. */
export function openWindow(): void {
  window.open(`${window.location.pathname}?${newWindow}`, '_blank', 'noopener')
}

/** Whether this page was opened beside another one. */
export function isNewWindow(): boolean {
  return typeof window !== 'undefined' && window.location.search.slice(1) === newWindow
}

/** Hides the window of the desktop app until the same keys are pressed again. */
export function hideWindow(): void {
  const keys = keysFor(usePreferences.getState().keys, 'hide-window')
  void attempt('Hide the window', () => currentClient().settings.hideWindow({ keys }))
}

/** Has the page fill the screen, or no longer. */
export function toggleFullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen()
  else void document.documentElement.requestFullscreen()
}
