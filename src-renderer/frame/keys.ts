import { showDialog, useDialogs } from './dialogs'
import { useDock } from './dock'
import { cycleRegion } from './regions'

/**
 * Keys of the whole page, heard before anything below gets them. A terminal that has the focus keeps them, for they are the
 * guest's, but for Ctrl+Shift+K, Ctrl+Shift+J and Ctrl+F6.
 */
export function onPageKey(event: KeyboardEvent): void {
  const target = event.target instanceof HTMLElement ? event.target : undefined
  const inTerminal = target?.closest('.xterm') != null
  const typing = target?.matches('input, textarea, [contenteditable]') ?? false
  const command = event.ctrlKey || event.metaKey
  if (useDialogs.getState().open) return
  if (event.key.toLowerCase() === 'k' && command && !event.altKey && (event.shiftKey || !inTerminal)) {
    take(event)
    showDialog({ kind: 'palette' })
  } else if (event.key.toLowerCase() === 'j' && command && !event.altKey && (event.shiftKey || !inTerminal)) {
    take(event)
    useDock.getState().showJobs()
  } else if (event.key === 'F6' && (command || !inTerminal)) {
    take(event)
    cycleRegion(event.shiftKey)
  } else if (event.key === '/' && !command && !event.altKey && !inTerminal && !typing) {
    const filter = document.getElementById('fleet-filter')
    if (!filter) return
    take(event)
    filter.focus()
  }
}

function take(event: KeyboardEvent): void {
  event.preventDefault()
  event.stopPropagation()
}
