import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test'
import config from '../../playwright.config'
import type { Crash } from '../../src-shared/models/crash'
import type { Preferences } from '../../src-shared/models/preferences'
import type { SimulatedHost } from './fleet'

export type App = {
  page: Page
  browser: Browser
  /** Settings and known hosts of this run. */
  data: string
  /** Another browser, let in by an address of its own. */
  another(): Promise<{ page: Page; context: BrowserContext }>
  /** Ends it; throws with what the app kept of mistakes of its own, on the main side and on any page. */
  close(): Promise<void>
}

export type AppOptions = {
  /** Arguments of `domdeck serve`, such as `--simulate 2x12`. */
  args?: string[]
  /** Hosts that are in the settings, with their keys trusted. */
  hosts?: readonly SimulatedHost[]
  /** The settings file as it is instead, such as a broken one. */
  settingsText?: string
  /** What else the settings hold, such as the theme. */
  preferences?: Partial<Preferences>
  environment?: NodeJS.ProcessEnv
  viewport?: { width: number; height: number }
  colorScheme?: 'dark' | 'light'
}

const program = join(import.meta.dirname, '../../out/main/serve.js')

/** The built app in its browser shell, with settings and a home of its own, and a page that is let in. */
export async function startApp(options: AppOptions = {}): Promise<App> {
  if (!existsSync(program)) throw new Error('The app is not built: run npm run build first.')
  const data = await mkdtemp(join(tmpdir(), 'domdeck-e2e-'))
  await remember(data, options.hosts ?? [], options.preferences ?? {})
  if (options.settingsText !== undefined) await writeFile(join(data, 'settings.json'), options.settingsText)
  const child = spawn(process.execPath, [program, '--data', data, ...(options.args ?? [])], {
    env: { ...(options.environment ?? process.env), HOME: data, SSH_AUTH_SOCK: '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const nextUrl = urlsOf(child)
  const browser = await chromium.launch(config.use?.launchOptions)
  const enter = async (): Promise<{ page: Page; context: BrowserContext }> => {
    const context = await browser.newContext({
      // Drawing a turning arc takes a third of a core without a graphics card; the lab needs it.
      reducedMotion: 'reduce',
      viewport: options.viewport ?? { width: 1440, height: 900 },
      colorScheme: options.colorScheme ?? 'dark',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const page = await context.newPage()
    await page.goto(await nextUrl())
    return { page, context }
  }
  const { page } = await enter()
  return {
    page,
    browser,
    data,
    another: () => {
      child.stdin?.write('\n')
      return enter()
    },
    close: async () => {
      await browser.close()
      child.kill('SIGTERM')
      await ended
      const crashes = await keptCrashes(data)
      await rm(data, { recursive: true, force: true })
      if (crashes.length > 0) throw new Error(`The app kept crash reports:\n${crashes.map(told).join('\n')}`)
    },
  }
}

async function remember(data: string, hosts: readonly SimulatedHost[], preferences: Partial<Preferences>): Promise<void> {
  const settings = hosts.map(({ hostKeyLine: _trusted, ...host }) => ({ ...host, id: host.name, simulated: false }))
  await writeFile(join(data, 'settings.json'), JSON.stringify({ version: 1, hosts: settings, preferences }), { mode: 0o600 })
  await writeFile(join(data, 'known_hosts'), hosts.map((host) => `${host.hostKeyLine}\n`).join(''), { mode: 0o600 })
}

/** What nobody caught, as the app kept it; none when it kept no file. */
async function keptCrashes(data: string): Promise<Crash[]> {
  const text = await readFile(join(data, 'crashes.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]'
    throw error
  })
  return JSON.parse(text)
}

const told = ({ where, message, times, stack }: Crash): string => `${message} (${where}, ${times} times)\n  ${stack.join('\n  ')}`

/** The one-time addresses that the app prints, one a call, in order. */
function urlsOf(child: ChildProcess): () => Promise<string> {
  const urls: string[] = []
  const waiting: ((url: string) => void)[] = []
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /http:\/\/\S+\?token=\S+/.exec(line)?.[0]
      if (!url) return
      const next = waiting.shift()
      if (next) next(url)
      else urls.push(url)
    })
  return () => {
    const url = urls.shift()
    return url === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(url)
  }
}
