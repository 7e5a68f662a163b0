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

/** Has the page fill the screen, or no longer. */
export function toggleFullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen()
  else void document.documentElement.requestFullscreen()
}
