import { EventEmitter } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
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

/** Electron as far as the desktop room uses it; every value a test looks at is kept. */
const electron = vi.hoisted(() => ({
  appListeners: new Map<string, (...args: unknown[]) => void>(),
  ipcListeners: new Map<string, (...args: unknown[]) => void>(),
  opened: [] as string[],
  windows: [] as { options: Record<string, unknown>; url?: string }[],
  schemes: [] as unknown[],
  protocolHandler: undefined as undefined | ((request: Request) => Promise<Response>),
  requestHandler: undefined as undefined | ((contents: unknown, permission: string, decide: (granted: boolean) => void) => void),
  channels: [] as { port1: FakePort; port2: FakePort }[],
}))

vi.mock('electron', () => ({
  app: { on: (name: string, listener: () => void) => electron.appListeners.set(name, listener) },
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
      setPermissionCheckHandler: () => {},
    },
  },
  BrowserWindow: class {
    constructor(options: Record<string, unknown>) {
      electron.windows.push({ options })
    }
    async loadURL(url: string): Promise<void> {
      const window = electron.windows.at(-1)
      if (window) window.url = url
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
const { onPageConnect, openWindow } = await import('./window')

beforeEach(() => {
  electron.opened.length = 0
  electron.channels.length = 0
})

describe('the window', () => {
  it('isolates and sandboxes the page, with no Node in it', () => {
    openWindow('/app/preload.cjs')
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
    hardenApp()
    const contents = Object.assign(new EventEmitter(), { setWindowOpenHandler: vi.fn() })
    electron.appListeners.get('web-contents-created')?.({}, contents)
    const openHandler = contents.setWindowOpenHandler.mock.calls[0]?.[0] as (details: { url: string }) => { action: string }
    expect(openHandler({ url: 'https://xenproject.org/' })).toEqual({ action: 'deny' })
    expect(openHandler({ url: 'file:///etc/passwd' })).toEqual({ action: 'deny' })
    expect(electron.opened).toEqual(['https://xenproject.org/'])
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

  it('grants the clipboard and denies every other permission', () => {
    denyPermissions()
    const granted = (permission: string): boolean => {
      let answer = true
      electron.requestHandler?.({}, permission, (value) => {
        answer = value
      })
      return answer
    }
    expect(granted('clipboard-sanitized-write')).toBe(true)
    for (const permission of ['media', 'geolocation', 'notifications', 'usb', 'openExternal'])
      expect(granted(permission)).toBe(false)
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
