import { BrowserWindow, ipcMain, MessageChannelMain } from 'electron'
import type { Duplex } from '../../src-shared/duplex'
import { isOurPage, pageUrl } from './page'
import { portDuplex } from './port'

/** The one window. `preload` is the path of the built preload file. */
export function openWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 1024,
    minHeight: 700,
    backgroundColor: '#101316',
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  void window.loadURL(pageUrl)
  return window
}

/** Gives each page of ours that asks a duplex of its own; any other sender is ignored. */
export function onPageConnect(onPage: (duplex: Duplex) => void): void {
  ipcMain.on('domdeck:connect', (event) => {
    const frame = event.senderFrame
    if (!frame || frame !== event.sender.mainFrame || !isOurPage(frame.url)) return
    const { port1, port2 } = new MessageChannelMain()
    onPage(portDuplex(port1))
    event.sender.postMessage('domdeck:port', null, [port2])
  })
}
