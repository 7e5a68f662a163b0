import { join } from 'node:path'
import { app, BrowserWindow } from 'electron'
import { servePage } from './api/connection'
import { denyPermissions, hardenApp } from './desktop/harden'
import { registerPageScheme, servePageFiles } from './desktop/page'
import { onPageConnect, openWindow } from './desktop/window'
import { openDomdeck } from './domdeck'

const preload = join(import.meta.dirname, '../preload/index.cjs')

registerPageScheme()
hardenApp()

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows()
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })
  void app.whenReady().then(async () => {
    denyPermissions()
    servePageFiles(join(import.meta.dirname, '../renderer'))
    const domdeck = await openDomdeck({ shell: 'desktop', version: app.getVersion() })
    onPageConnect((duplex) => servePage(duplex, domdeck))
    openWindow(preload)
    app.on('activate', () => {
      if (BrowserWindow.getAllWindows().length === 0) openWindow(preload)
    })
    app.on('will-quit', () => void domdeck.close())
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
} else {
  app.quit()
}
