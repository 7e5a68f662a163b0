import { join } from 'node:path'
import { app, powerMonitor } from 'electron'
import { toProblem } from '../src-shared/problem'
import { servePage } from './api/connection'
import { denyPermissions, hardenApp } from './desktop/harden'
import { openKeychain } from './desktop/keychain'
import { setMenu } from './desktop/menu'
import { registerPageScheme, servePageFiles } from './desktop/page'
import { linkAmong, onPageConnect, openWindow, showWindow } from './desktop/window'
import { type Domdeck, openDomdeck } from './domdeck'
import { defaultSettingsFolder } from './settings/settings'

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

const windows = { preload, folder: defaultSettingsFolder() }

registerPageScheme()
hardenApp(() => void openWindow(windows))

if (app.requestSingleInstanceLock()) {
  // What runs from the repository must not take the links of what is installed.
  if (app.isPackaged) app.setAsDefaultProtocolClient('domdeck')
  // A Mac hands links over by this event, possibly before the app is ready; other systems start the app again with them.
  let link = linkAmong(process.argv)
  app.on('open-url', (event, url) => {
    event.preventDefault()
    if (app.isReady()) showWindow(windows, url)
    else link = url
  })
  app.on('second-instance', (_event, argv) => showWindow(windows, linkAmong(argv)))
  void app.whenReady().then(async () => {
    denyPermissions()
    setMenu(() => void openWindow(windows))
    servePageFiles(join(import.meta.dirname, '../renderer'))
    const domdeck = await openDomdeck({ shell: 'desktop', version: app.getVersion(), openKeychain })
    onPageConnect((duplex, window) => servePage(duplex, domdeck, window))
    openWindow(windows, link)
    app.on('activate', () => showWindow(windows))
    powerMonitor.on('resume', () => domdeck.wake())
    app.on('will-quit', () => void domdeck.close())
    if (app.commandLine.hasSwitch('lab')) await startLab(domdeck)
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
} else {
  app.quit()
}
