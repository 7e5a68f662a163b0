import { type BrowserWindow, globalShortcut } from 'electron'

/** Hidden windows, each with the keys that bring it back. */
const hidden = new Map<BrowserWindow, string>()

/**
 * Hides a window until these keys are pressed, wherever the focus is then, or Domdeck is started again. Keys are only ours while a window
 * needs them. Where the desktop does not give them, the window becomes small instead: from the taskbar it always comes back.
 */
export function hideWindow(window: BrowserWindow, keys: string): void {
  if (hidden.has(window)) return
  if (!isOurs(keys)) {
    window.minimize()
    return
  }
  hidden.set(window, keys)
  const letGo = (): void => {
    hidden.delete(window)
    window.off('show', letGo).off('closed', letGo)
    if (![...hidden.values()].includes(keys)) globalShortcut.unregister(keys)
  }
  window.on('show', letGo).on('closed', letGo)
  window.hide()
}

/** Whether these keys bring windows back from now on. */
function isOurs(keys: string): boolean {
  if (keys === '') return false
  if ([...hidden.values()].includes(keys)) return true
  try {
    return globalShortcut.register(keys, () => {
      for (const [window, by] of [...hidden]) if (by === keys) window.show()
    })
  } catch {
    // Keys that Electron has no name for.
    return false
  }
}
