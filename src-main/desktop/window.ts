import { BrowserWindow, ipcMain, MessageChannelMain, screen } from 'electron'
import type { Duplex } from '../../src-shared/duplex'
import { hideWindow } from './hidden'
import { isOurPage, pageUrl } from './page'
import { portDuplex } from './port'
import { keepWindowState, placeWindow, readWindowState, smallestWindow } from './window-state'

export type WindowOptions = {
  /** Path of the built preload file. */
  preload: string
  /** Where the state of windows is kept. */
  folder: string
}

/** Opens a window with a page of its own. The first one has the saved layout, a later one begins empty. `link` is opened in it. */
export function openWindow({ preload, folder }: WindowOptions, link?: string): BrowserWindow {
  const others = BrowserWindow.getAllWindows().length
  const displays = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(({ workArea }) => workArea)
  const { maximised, x, y, ...size } = placeWindow(readWindowState(folder), displays, others)
  const window = new BrowserWindow({
    ...size,
    ...(x === undefined || y === undefined ? {} : { x, y }),
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
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
  if (maximised) window.maximize()
  window.on('close', () => keepWindowState(folder, { ...window.getNormalBounds(), maximised: window.isMaximized() }))
  void window.loadURL(withLink(others > 0 ? `${pageUrl}?window=new` : pageUrl, link))
  return window
}

/** Brings a window to the front, or opens one, and has it open the link: the page alone says what that means. */
export function showWindow(options: WindowOptions, link?: string): void {
  const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]
  if (!window) return void openWindow(options, link)
  if (!window.isVisible()) window.show()
  if (window.isMinimized()) window.restore()
  window.focus()
  // Only what follows the # changes, so the page stays as it is and hears of it.
  if (link !== undefined) void window.loadURL(withLink(window.webContents.getURL(), link))
}

/** The link among the arguments of a start of the app. */
export function linkAmong(argv: readonly string[]): string | undefined {
  return argv.find((argument) => /^domdeck:/i.test(argument))
}

const maxLink = 2048

/** The address of a page that is to open a link: whatever stands in it comes after the #. */
function withLink(address: string, link: string | undefined): string {
  const url = new URL(isOurPage(address) ? address : pageUrl)
  url.hash = link === undefined ? '' : link.slice(0, maxLink).replace(/^domdeck:\/*/i, '/')
  return url.href
}

/** Gives each page of ours that asks a duplex of its own, and what it may do to its window; any other sender is ignored. */
export function onPageConnect(onPage: (duplex: Duplex, window: { hide(keys: string): void }) => void): void {
  ipcMain.on('domdeck:connect', (event) => {
    const frame = event.senderFrame
    if (!frame || frame !== event.sender.mainFrame || !isOurPage(frame.url)) return
    const { port1, port2 } = new MessageChannelMain()
    onPage(portDuplex(port1), {
      hide: (keys) => {
        const window = BrowserWindow.fromWebContents(event.sender)
        if (window) hideWindow(window, keys)
      },
    })
    event.sender.postMessage('domdeck:port', null, [port2])
  })
}
