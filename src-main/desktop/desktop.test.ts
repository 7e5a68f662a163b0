import { EventEmitter } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Message } from '../../src-shared/duplex'

class FakePort extends EventEmitter {
  readonly sent: unknown[] = []
  started = false
  start(): void {
    this.started = true
  }
  postMessage(message: unknown): void {
    this.sent.push(message)
  }
}

type MenuEntry = { label?: string; role?: string; accelerator?: string; click?: () => void; submenu?: MenuEntry[] }

type FakeWindow = EventEmitter & {
  options: Record<string, unknown>
  webContents: object
  url: string
  isFull: boolean
  isMax: boolean
  isMini: boolean
  isShown: boolean
  focused: number
  bounds: { x: number; y: number; width: number; height: number }
}

/** Electron as far as the desktop room uses it; every value a test looks at is kept. */
const electron = vi.hoisted(() => ({
  appListeners: new Map<string, (...args: unknown[]) => void>(),
  ipcListeners: new Map<string, (...args: unknown[]) => void>(),
  opened: [] as string[],
  windows: [] as FakeWindow[],
  displays: [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
  menu: [] as MenuEntry[],
  quits: 0,
  shortcuts: new Map<string, () => void>(),
  /** Keys that another program has. */
  taken: new Set<string>(),
  schemes: [] as unknown[],
  protocolHandler: undefined as undefined | ((request: Request) => Promise<Response>),
  requestHandler: undefined as
    | undefined
    | ((contents: unknown, permission: string, decide: (granted: boolean) => void, details: object) => void),
  checkHandler: undefined as undefined | ((contents: unknown, permission: string, origin: string) => boolean),
  channels: [] as { port1: FakePort; port2: FakePort }[],
}))

vi.mock('electron', () => ({
  app: {
    on: (name: string, listener: () => void) => electron.appListeners.set(name, listener),
    quit: () => {
      electron.quits += 1
    },
  },
  globalShortcut: {
    register: (keys: string, press: () => void) => {
      if (/Nonsense/.test(keys)) throw new TypeError('conversion failure')
      if (electron.taken.has(keys)) return false
      electron.shortcuts.set(keys, press)
      return true
    },
    unregister: (keys: string) => electron.shortcuts.delete(keys),
  },
  screen: { getAllDisplays: () => electron.displays, getPrimaryDisplay: () => electron.displays[0] },
  Menu: {
    buildFromTemplate: (template: MenuEntry[]) => template,
    setApplicationMenu: (template: MenuEntry[]) => {
      electron.menu = template
    },
  },
  ipcMain: { on: (name: string, listener: () => void) => electron.ipcListeners.set(name, listener) },
  shell: { openExternal: async (url: string) => void electron.opened.push(url) },
  protocol: {
    registerSchemesAsPrivileged: (schemes: unknown[]) => electron.schemes.push(...schemes),
    handle: (_scheme: string, handler: (request: Request) => Promise<Response>) => {
      electron.protocolHandler = handler
    },
  },
  session: {
    defaultSession: {
      setPermissionRequestHandler: (handler: typeof electron.requestHandler) => {
        electron.requestHandler = handler
      },
      setPermissionCheckHandler: (handler: typeof electron.checkHandler) => {
        electron.checkHandler = handler
      },
    },
  },
  BrowserWindow: class extends EventEmitter {
    url = ''
    isFull = false
    isMax = false
    isMini = false
    isShown = true
    focused = 0
    bounds = { x: 0, y: 0, width: 1440, height: 900 }
    readonly webContents = { getURL: () => this.url }
    constructor(readonly options: Record<string, unknown>) {
      super()
      electron.windows.push(this)
    }
    static getAllWindows = () => electron.windows
    static fromWebContents = (contents: unknown) =>
      electron.windows.find((window) => Object.is(contents, window.webContents)) ?? null
    static getFocusedWindow = () => electron.windows.at(-1)
    async loadURL(url: string): Promise<void> {
      this.url = url
    }
    close(): void {
      this.emit('close')
      electron.windows.splice(electron.windows.indexOf(this), 1)
      this.emit('closed')
    }
    maximize(): void {
      this.isMax = true
    }
    minimize(): void {
      this.isMini = true
    }
    hide(): void {
      this.isShown = false
    }
    show(): void {
      this.isShown = true
      this.emit('show')
    }
    isVisible = () => this.isShown
    restore(): void {
      this.isMini = false
    }
    focus(): void {
      this.focused += 1
    }
    isMaximized = () => this.isMax
    isMinimized = () => this.isMini
    getNormalBounds = () => this.bounds
    isFullScreen = () => this.isFull
    setFullScreen(full: boolean): void {
      this.isFull = full
    }
  },
  MessageChannelMain: class {
    readonly port1 = new FakePort()
    readonly port2 = new FakePort()
    constructor() {
      electron.channels.push(this)
    }
  },
}))

const { hardenApp, denyPermissions } = await import('./harden')
const { isOurPage, pageUrl, registerPageScheme, servePageFiles } = await import('./page')
const { linkAmong, onPageConnect, openWindow, showWindow } = await import('./window')
const { placeWindow } = await import('./window-state')
const { setMenu } = await import('./menu')

let folder: string
const options = () => ({ preload: '/app/preload.cjs', folder })
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'domdeck-windows-'))
  electron.windows.length = 0
  electron.opened.length = 0
  electron.channels.length = 0
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the window', () => {
  it('isolates and sandboxes the page, with no Node in it', () => {
    openWindow(options())
    const window = electron.windows.at(-1)
    expect(window?.url).toBe(pageUrl)
    expect(window?.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
    })
  })

  it('denies navigation, new windows and webviews; http(s) links open outside', () => {
    let own = 0
    hardenApp(() => {
      own += 1
    })
    const contents = Object.assign(new EventEmitter(), { setWindowOpenHandler: vi.fn() })
    electron.appListeners.get('web-contents-created')?.({}, contents)
    const openHandler = contents.setWindowOpenHandler.mock.calls[0]?.[0] as (details: { url: string }) => { action: string }
    expect(openHandler({ url: 'https://xenproject.org/' })).toEqual({ action: 'deny' })
    expect(openHandler({ url: 'file:///etc/passwd' })).toEqual({ action: 'deny' })
    expect(electron.opened).toEqual(['https://xenproject.org/'])
    // The page that opens itself gets a window that we make, never one with its options.
    expect(openHandler({ url: `${pageUrl}?window=new` })).toEqual({ action: 'deny' })
    expect(own).toBe(1)
    for (const [event, url, prevented] of [
      ['will-navigate', 'https://evil.example/', true],
      ['will-navigate', 'app://domdeck.evil/index.html', true],
      ['will-navigate', pageUrl, false],
      ['will-attach-webview', '', true],
    ] as const) {
      const preventDefault = vi.fn()
      contents.emit(event, { preventDefault }, url)
      expect(preventDefault).toHaveBeenCalledTimes(prevented ? 1 : 0)
    }
  })

  it('grants the clipboard, notifications and the full screen to our page, and denies every other permission', () => {
    denyPermissions()
    const granted = (permission: string, requestingUrl = pageUrl, isMainFrame = true): boolean => {
      let answer: boolean | undefined
      const decide = (value: boolean): void => {
        answer = value
      }
      electron.requestHandler?.({}, permission, decide, { requestingUrl, isMainFrame })
      return answer === true
    }
    expect(granted('clipboard-sanitized-write')).toBe(true)
    for (const permission of ['notifications', 'fullscreen']) {
      expect(granted(permission)).toBe(true)
      expect(granted(permission, 'https://evil.example/')).toBe(false)
    }
    expect(granted('notifications', 'app://domdeck.evil/')).toBe(false)
    expect(granted('notifications', pageUrl, false)).toBe(false)
    for (const permission of ['media', 'geolocation', 'usb', 'openExternal']) expect(granted(permission)).toBe(false)
    expect(electron.checkHandler?.({}, 'notifications', 'app://domdeck')).toBe(true)
    expect(electron.checkHandler?.({}, 'notifications', 'https://evil.example')).toBe(false)
    expect(electron.checkHandler?.({}, 'media', 'app://domdeck')).toBe(false)
  })
})

describe('several windows', () => {
  it('have a page each; only the first one takes the saved layout', () => {
    openWindow(options())
    openWindow(options())
    expect(electron.windows.map(({ url }) => url)).toEqual([pageUrl, `${pageUrl}?window=new`])
  })

  it('open where the last one was closed, maximised if it was, and a little beside each other', () => {
    openWindow(options())
    const [first] = electron.windows as (FakeWindow & { close(): void })[]
    if (!first) throw new Error('no window')
    first.bounds = { x: 300, y: 100, width: 1200, height: 800 }
    first.isMax = true
    first.close()
    openWindow(options())
    expect(electron.windows[0]).toMatchObject({ isMax: true, options: { x: 300, y: 100, width: 1200, height: 800 } })
    openWindow(options())
    expect(electron.windows[1]).toMatchObject({ isMax: false, options: { x: 332, y: 132 } })
  })

  it('open in sight when a display is gone or smaller, and whatever the file holds', async () => {
    const area = { x: 0, y: 0, width: 1366, height: 768 }
    const on = { x: 2500, y: 300, width: 1800, height: 1000, maximised: false }
    expect(placeWindow(on, [area], 0)).toEqual({ width: 1366, height: 768, maximised: false })
    expect(placeWindow({ ...on, x: -1750, y: 0 }, [area], 0).x).toBeUndefined()
    expect(placeWindow({ ...on, x: 100, y: -500 }, [area], 0).x).toBeUndefined()
    expect(placeWindow(on, [area, { ...area, x: 1366, width: 2560, height: 1440 }], 0)).toEqual(on)
    for (const text of ['', '{', '[]', '{"width":"x"}', '{"width":1e99,"height":1,"maximised":true}']) {
      await writeFile(join(folder, 'window.json'), text)
      openWindow(options())
      expect(electron.windows.at(-1)?.options.width).toBeGreaterThanOrEqual(1024)
    }
  })

  it('come from the menu, which takes no key from a guest', () => {
    let opened = 0
    const newWindow = (): void => {
      opened += 1
    }
    setMenu(newWindow, false)
    const entries = electron.menu.flatMap(({ submenu = [] }) => submenu)
    expect(entries.filter(({ accelerator, role }) => accelerator !== undefined || role !== undefined)).toEqual([])
    entries.find(({ label }) => label === 'New window')?.click?.()
    expect(opened).toBe(1)
    openWindow(options())
    entries.find(({ label }) => label === 'Close window')?.click?.()
    expect(electron.windows).toHaveLength(0)
    entries.find(({ label }) => label === 'Quit')?.click?.()
    expect(electron.quits).toBe(1)
    setMenu(newWindow, true)
    expect(electron.menu.map(({ role }) => role)).toContain('editMenu')
  })
})

describe('a window that is hidden', () => {
  const keys = 'Ctrl+Alt+Shift+A'
  /** Opens a window whose page asks for what it may do to it. */
  const opened = () => {
    openWindow(options())
    const window = electron.windows.at(-1)
    if (!window) throw new Error('no window')
    const mainFrame = { url: pageUrl }
    Object.assign(window.webContents, { mainFrame, postMessage: () => undefined })
    let page: { hide(keys: string): void } | undefined
    onPageConnect((_duplex, mine) => {
      page = mine
    })
    electron.ipcListeners.get('domdeck:connect')?.({ senderFrame: mainFrame, sender: window.webContents })
    return { window, hide: (by: string) => page?.hide(by) }
  }

  it('comes back by its keys, which are ours only meanwhile', () => {
    const [first, second] = [opened(), opened()]
    first.hide(keys)
    second.hide(keys)
    first.hide(keys)
    expect([first.window.isShown, second.window.isShown]).toEqual([false, false])
    expect([...electron.shortcuts.keys()]).toEqual([keys])
    electron.shortcuts.get(keys)?.()
    expect([first.window.isShown, second.window.isShown]).toEqual([true, true])
    expect(electron.shortcuts.size).toBe(0)
  })

  it('comes back when Domdeck is started again', () => {
    const { window, hide } = opened()
    hide(keys)
    showWindow(options())
    expect(window).toMatchObject({ isShown: true, focused: 1 })
    expect(electron.shortcuts.size).toBe(0)
  })

  it('leaves its keys when it is closed, and may be hidden more than once', () => {
    const { window, hide } = opened()
    for (let time = 0; time < 2; time++) {
      hide(keys)
      expect(window.isShown).toBe(false)
      electron.shortcuts.get(keys)?.()
      expect(window.isShown).toBe(true)
    }
    hide(keys)
    ;(window as FakeWindow & { close(): void }).close()
    expect(electron.shortcuts.size).toBe(0)
  })

  it('is only made small where the keys are another program’s, or none', () => {
    electron.taken.add(keys)
    for (const by of [keys, 'Nonsense', '']) {
      const { window, hide } = opened()
      hide(by)
      expect(window).toMatchObject({ isShown: true, isMini: true })
    }
    electron.taken.clear()
  })
})

describe('links', () => {
  it('reach the page of the window in front as what follows the #, and nothing else of its address', () => {
    showWindow(options(), 'domdeck://guest/web-07?host=dom0-bru1')
    const [window] = electron.windows
    expect(window?.url).toBe(`${pageUrl}#/guest/web-07?host=dom0-bru1`)
    if (window) window.isMini = true
    for (const hostile of [
      'domdeck://x/../../#"><script>',
      'domdeck:javascript:alert(1)',
      'domdeck://@evil.example',
      `domdeck://${'x'.repeat(9999)}`,
    ]) {
      showWindow(options(), hostile)
      const url = new URL(window?.url ?? '')
      expect(`${url.protocol}//${url.host}${url.pathname}${url.search}`).toBe(pageUrl)
      expect(url.href.length).toBeLessThan(3000)
    }
    expect(window).toMatchObject({ isMini: false, focused: 4 })
    expect(electron.windows).toHaveLength(1)
  })

  it('are found among the arguments of a start, which else only shows the window', () => {
    expect(linkAmong(['/usr/bin/domdeck', '--lab', 'domdeck://host/a'])).toBe('domdeck://host/a')
    expect(linkAmong(['/usr/bin/domdeck', 'https://x'])).toBeUndefined()
    openWindow(options())
    showWindow(options())
    expect(electron.windows[0]).toMatchObject({ url: pageUrl, focused: 1 })
  })
})

describe('the page scheme', () => {
  it('serves files of the folder with the strict policy and nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'domdeck-page-'))
    await writeFile(join(folder, 'index.html'), '<title>Domdeck</title>')
    registerPageScheme()
    servePageFiles(folder)
    expect(electron.schemes).toMatchObject([{ scheme: 'app', privileges: { secure: true, standard: true } }])
    const page = await electron.protocolHandler?.(new Request(pageUrl))
    expect(page?.status).toBe(200)
    expect(page?.headers.get('content-security-policy')).toContain("script-src 'self'")
    for (const url of ['app://domdeck/%2e%2e/secret.html', 'app://other/index.html', 'app://domdeck/missing.js'])
      expect((await electron.protocolHandler?.(new Request(url)))?.status).toBe(404)
    await rm(folder, { recursive: true })
  })

  it('knows its own page only', () => {
    expect(isOurPage(pageUrl)).toBe(true)
    for (const address of ['https://domdeck/', 'app://domdeck.evil/', 'file:///index.html', ''])
      expect(isOurPage(address)).toBe(false)
  })
})

describe('the port', () => {
  const connect = (url: string, isMain = true) => {
    const pages: { messages: Message[]; send: (message: Message) => void; closed: boolean }[] = []
    onPageConnect((duplex) => {
      const page = { messages: [] as Message[], send: duplex.send, closed: false }
      duplex.onMessage((message) => page.messages.push(message))
      duplex.onClose(() => {
        page.closed = true
      })
      pages.push(page)
    })
    const mainFrame = { url }
    const posted: unknown[][] = []
    const sender = { mainFrame, postMessage: (...args: unknown[]) => posted.push(args) }
    electron.ipcListeners.get('domdeck:connect')?.({ senderFrame: isMain ? mainFrame : { url }, sender })
    return { pages, posted }
  }

  it('goes to our page alone', () => {
    expect(connect('https://evil.example/').pages).toHaveLength(0)
    expect(connect(pageUrl, false).pages).toHaveLength(0)
    const { pages, posted } = connect(pageUrl)
    expect(pages).toHaveLength(1)
    expect(posted).toEqual([['domdeck:port', null, [electron.channels[0]?.port2]]])
  })

  it('carries text and bytes, drops anything else, and tells its end', () => {
    const { pages } = connect(pageUrl)
    const [page] = pages
    const port = electron.channels[0]?.port1
    expect(port?.started).toBe(true)
    for (const data of ['text', new Uint8Array([1]), { evil: true }, 7, null]) port?.emit('message', { data })
    expect(page?.messages).toEqual(['text', new Uint8Array([1])])
    page?.send('answer')
    expect(port?.sent).toEqual(['answer'])
    port?.emit('close')
    expect(page?.closed).toBe(true)
  })
})
