import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Browser, chromium, type Page } from '@playwright/test'
import { ulid } from 'ulid'
import config from '../playwright.config'
import { openSettings } from '../src-main/settings/settings'
import { createTrustStore } from '../src-main/ssh/trust'

/** A host to add before the app starts. */
export type BenchHost = {
  name: string
  address: string
  port: number
  user: string
  keyPath: string
  /** A line for known_hosts. */
  hostKeyLine: string
  storageRoot: string
}

/** The browser shell in a process of its own. */
export type BenchShell = {
  pid: number
  /** When it was started, in epoch milliseconds. */
  startedAt: number
  /** Lets one browser in. */
  address: string
  close(): Promise<void>
}

/** The browser shell, with its process, and its page in headless Chromium. */
export type BenchApp = { page: Page; browser: Browser; pid: number; close(): Promise<void> }

/** Starts the built app with these hosts in its settings. Resolves when it gives its address. */
export async function startShell(hosts: readonly BenchHost[]): Promise<BenchShell> {
  const folder = await mkdtemp(join(tmpdir(), 'domdeck-bench-'))
  const settings = await openSettings(folder)
  const trust = createTrustStore({ homeDir: folder, ownFile: join(folder, 'known_hosts') })
  for (const { hostKeyLine, ...host } of hosts) {
    await trust.add(hostKeyLine)
    // Not marked simulated even where it is, for such hosts are never read from the settings.
    await settings.saveHost({ ...host, id: ulid(), simulated: false })
  }
  const startedAt = Date.now()
  const shell = spawn(process.execPath, [join(import.meta.dirname, '../out/main/serve.js'), '--data', folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => shell.once('exit', () => resolve()))
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: shell.stdout }).on('line', (line) => {
      const found = /http:\/\/\S+/.exec(line)
      if (found) resolve(found[0])
    })
    void ended.then(() => reject(new Error('The browser shell ended before it gave its address.')))
  })
  return {
    pid: shell.pid ?? 0,
    startedAt,
    address,
    async close() {
      shell.kill()
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

/** Headless Chromium, started as the tests do. */
export const openBrowser = (): Promise<Browser> => chromium.launch(config.use?.launchOptions ?? {})

/**
 * Starts the built app with these hosts, and opens its page. Resolves when the page shows them all, for which a large fleet
 * needs a higher window.
 */
export async function openApp(hosts: readonly BenchHost[], height = 1200): Promise<BenchApp> {
  const shell = await startShell(hosts)
  const browser = await openBrowser()
  const page = await browser.newPage({ viewport: { width: 1440, height } })
  await page.goto(shell.address)
  for (const { name } of hosts) {
    await page.getByRole('treeitem', { name: new RegExp(`connected ${name}( |$)`) }).waitFor({ timeout: 60_000 })
  }
  return {
    page,
    browser,
    pid: shell.pid,
    async close() {
      await browser.close()
      await shell.close()
    },
  }
}

/** Starts to watch in the page, and then does something; resolves to what the watch found. */
export async function watching<Arg extends object>(
  page: Page,
  watch: (arg: Arg) => { result: Promise<number> },
  arg: Arg,
  act: () => Promise<unknown>,
): Promise<number> {
  const handle = await page.evaluateHandle<{ result: Promise<number> }, Arg>(watch as never, arg)
  await act()
  return handle.evaluate(({ result }) => result)
}
