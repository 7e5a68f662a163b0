// What a fresh clone needs before it can start or be tested, done with a line of progress for each step.
// Runs before any npm package is installed: Node's own modules only.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildIsStale, debianPackages, packagesFit, whichShell } from './decide.mjs'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const logs = join(root, 'test-results', 'setup')

/** A set-up step that could not be done; its message is all a person needs. */
export class SetupError extends Error {}

/** @param {string} text */
export const say = (text) => console.log(`domdeck: ${text}`)

/**
 * Runs a program with its output in a log file; on failure the end of that output is in the error.
 * @param {string} name of the log
 * @param {readonly string[]} argv
 * @param {{ env?: Record<string, string>, timeoutMs?: number }} [options]
 */
function quietly(name, [program = '', ...words], options = {}) {
  mkdirSync(logs, { recursive: true })
  const run = spawnSync(program, words, {
    cwd: root,
    env: { ...process.env, ...options.env },
    timeout: options.timeoutMs,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    encoding: 'utf8',
  })
  const log = join(logs, `${name}.log`)
  const output = `${run.stdout ?? ''}${run.stderr ?? ''}`
  writeFileSync(log, output)
  if (run.status === 0) return
  const end = output.trimEnd().split('\n').slice(-15).join('\n')
  throw new SetupError(
    `${[program, ...words].join(' ')} failed (${run.error?.message ?? `exit ${run.status}`}), log in ${log}\n${end}`,
  )
}

/** @param {string} program @returns {string | undefined} its path */
export function which(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .concat('/usr/sbin', '/sbin')
    .map((folder) => join(folder, program))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
}

export const isRoot = () => process.getuid?.() === 0
export const hasSudo = () => spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
export const hasDisplay = () => Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

/** @param {string} path @returns {any} parsed JSON, undefined where there is no such file or it is cut short */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** npm packages, exactly as the lock file has them. */
export function ensureNodePackages() {
  const locked = readJson(join(root, 'package-lock.json'))?.packages
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages
  if (packagesFit(locked, installed)) return
  say('installing npm packages (a minute the first time)')
  quietly('npm', [process.platform === 'win32' ? 'npm.cmd' : 'npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

/**
 * Debian packages, as root or with sudo.
 * @param {readonly string[]} wanted
 * @param {string} purpose said in the progress line
 */
export function ensureDebianPackages(wanted, purpose) {
  if (process.platform !== 'linux') throw new SetupError(`${purpose} needs Linux`)
  const missing = wanted.filter((name) => {
    const status = spawnSync('dpkg', ['-s', name], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } }).stdout ?? ''
    return !status.includes('\nStatus: install ok installed\n')
  })
  const plan = debianPackages({
    missing,
    hasApt: Boolean(which('apt-get')),
    root: isRoot(),
    sudo: missing.length > 0 && hasSudo(),
  })
  if (plan.how === 'nothing') return
  if (plan.how === 'impossible') throw new SetupError(plan.reason)
  say(`installing ${missing.length} Debian packages for ${purpose}: ${missing.join(' ')}`)
  /** @type {(...words: string[]) => string[]} */
  const apt = (...words) => [
    ...(plan.how === 'sudo' ? ['sudo', '-n'] : []),
    // RUNLEVEL=1: a package's daemon (sshd, which tests start for themselves) is not started on this workstation.
    ...['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1'],
    ...['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=600', ...words],
  ]
  quietly('apt-update', apt('update'))
  quietly('apt-install', apt('install', '-y', '--no-install-recommends', ...missing))
  if (missing.includes('openssh-server') && which('systemctl')) {
    // Nor at the next boot: whoever wants a server here turns it on.
    const words = ['systemctl', 'disable', '--quiet', 'ssh.service', 'ssh.socket']
    spawnSync(plan.how === 'sudo' ? 'sudo' : 'env', plan.how === 'sudo' ? ['-n', ...words] : words, { stdio: 'ignore' })
  }
}

/** @param {string} path @returns {number} the newest change in or below it, epoch milliseconds; 0 where there is nothing */
function newestChange(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))))
}

const sources = [
  'src-main',
  'src-preload',
  'src-renderer',
  'src-shared',
  'resources',
  'lab/simulated',
  'electron.vite.config.ts',
  'package-lock.json',
]
const outputs = ['out/main/electron.js', 'out/main/serve.js', 'out/preload/index.cjs', 'out/renderer/index.html']

/** The program, built where its sources are newer. @param {{ always?: boolean }} [options] */
export function ensureBuild({ always = false } = {}) {
  const newest = Math.max(...sources.map((path) => newestChange(join(root, path))))
  const times = outputs.map((path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs)
  if (!always && !buildIsStale(newest, times)) return
  say('building')
  quietly('build', [process.execPath, join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build'])
}

const electron = join(root, 'node_modules', 'electron')
const electronFailed = join(root, 'node_modules', '.cache', 'domdeck', 'electron-failed')

/** @returns {string | undefined} the path of Electron's binary, if it is here */
export function electronBinary() {
  try {
    const path = join(electron, 'dist', readFileSync(join(electron, 'path.txt'), 'utf8'))
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}

/** What Electron's binary links to that a minimal Debian lacks. */
export const electronLibraries = [
  'libasound2',
  'libatk-bridge2.0-0',
  'libcups2',
  'libgbm1',
  'libgtk-3-0',
  'libnss3',
  'libsecret-1-0',
  'libxss1',
]

/**
 * The shell to open, after one try (two minutes at most) to fetch Electron's binary where that makes sense.
 * @param {{ tests?: boolean }} [options] `tests` run as anybody and bring a display of their own: only the binary counts
 */
export function chooseShell({ tests = false } = {}) {
  const seen = {
    linux: process.platform === 'linux',
    root: isRoot() && !tests,
    display: hasDisplay() || tests,
    binary: electronBinary() !== undefined,
    failedAt: statSync(electronFailed, { throwIfNoEntry: false })?.mtimeMs,
    now: Date.now(),
  }
  const chosen = whichShell(seen)
  if (chosen.shell !== 'try') return chosen
  say('fetching the Electron binary')
  try {
    quietly('electron', [process.execPath, join(electron, 'install.js')], { timeoutMs: 120_000 })
    rmSync(electronFailed, { force: true })
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    mkdirSync(dirname(electronFailed), { recursive: true })
    writeFileSync(electronFailed, error.message)
  }
  return whichShell({ ...seen, binary: electronBinary() !== undefined, failedAt: Date.now() })
}
