import { join } from 'node:path'
import { app, BrowserWindow } from 'electron'
import { toProblem } from '../src-shared/problem'
import { servePage } from './api/connection'
import { denyPermissions, hardenApp } from './desktop/harden'
import { openKeychain } from './desktop/keychain'
import { registerPageScheme, servePageFiles } from './desktop/page'
import { onPageConnect, openWindow } from './desktop/window'
import { type Domdeck, openDomdeck } from './domdeck'

const preload = join(import.meta.dirname, '../preload/index.cjs')

/** `npm start -- --lab`: progress goes to the terminal it was typed in, and in the page the lab is then a host like any other. */
async function startLab({ localLab }: Domdeck): Promise<void> {
  try {
    for await (const event of localLab.start()) if (event.type === 'line') process.stdout.write(`${event.text}\n`)
  } catch (thrown) {
    const { title, detail, hint } = toProblem(thrown)
    process.stderr.write(`${title}: ${detail}\n${hint}\n`)
  }
}

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
    const domdeck = await openDomdeck({ shell: 'desktop', version: app.getVersion(), openKeychain })
    onPageConnect((duplex) => servePage(duplex, domdeck))
    openWindow(preload)
    app.on('activate', () => {
      if (BrowserWindow.getAllWindows().length === 0) openWindow(preload)
    })
    app.on('will-quit', () => void domdeck.close())
    if (app.commandLine.hasSwitch('lab')) await startLab(domdeck)
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
} else {
  app.quit()
}
