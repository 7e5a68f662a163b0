import { app, BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron'

/**
 * The menu of the app. It has no shortcuts but the Command key's on a Mac: Ctrl with a letter is the guest's, and the page has
 * keys of its own.
 */
export function setMenu(newWindow: () => void, isMac = process.platform === 'darwin'): void {
  const file: MenuItemConstructorOptions = {
    label: 'File',
    submenu: [
      { label: 'New window', ...(isMac ? { accelerator: 'Cmd+N' } : {}), click: newWindow },
      {
        label: 'Close window',
        ...(isMac ? { accelerator: 'Cmd+W' } : {}),
        click: () => BrowserWindow.getFocusedWindow()?.close(),
      },
      ...(isMac ? [] : [{ type: 'separator' as const }, { label: 'Quit', click: () => app.quit() }]),
    ],
  }
  const view: MenuItemConstructorOptions = {
    label: 'View',
    submenu: [
      {
        label: 'Full screen',
        click: () => {
          const window = BrowserWindow.getFocusedWindow()
          window?.setFullScreen(!window.isFullScreen())
        },
      },
    ],
  }
  const menu: MenuItemConstructorOptions[] = isMac
    ? [{ role: 'appMenu' }, file, { role: 'editMenu' }, view, { role: 'windowMenu' }]
    : [file, view]
  Menu.setApplicationMenu(Menu.buildFromTemplate(menu))
}
