import { describe, expect, it } from 'vitest'
import { buildIsStale, debianPackages, packagesFit, startOptions, whichShell } from './decide.mjs'

describe('npm packages', () => {
  const wanted = {
    '': { version: '0.1.0' },
    'node_modules/ws': { version: '8.23.0' },
    'node_modules/@biomejs/cli-darwin': { version: '2.6.8', optional: true },
  }

  it('fit when every one is there in its version; another system has other optional ones', () => {
    expect(packagesFit(wanted, { 'node_modules/ws': { version: '8.23.0' } })).toBe(true)
  })

  it('do not fit when there are none, one is missing, or one has another version', () => {
    expect(packagesFit(wanted, undefined)).toBe(false)
    expect(packagesFit(wanted, {})).toBe(false)
    expect(packagesFit(wanted, { 'node_modules/ws': { version: '8.22.0' } })).toBe(false)
    const old = { 'node_modules/ws': { version: '8.23.0' }, 'node_modules/@biomejs/cli-darwin': { version: '2.6.7' } }
    expect(packagesFit(wanted, old)).toBe(false)
  })
})

describe('Debian packages', () => {
  const missing = ['chromium', 'rrdtool']

  it('need nobody when none is missing, even where there is no apt', () => {
    expect(debianPackages({ missing: [], hasApt: false, root: false, sudo: false })).toEqual({ how: 'nothing' })
  })

  it('are installed as root, else with sudo', () => {
    expect(debianPackages({ missing, hasApt: true, root: true, sudo: true })).toEqual({ how: 'root' })
    expect(debianPackages({ missing, hasApt: true, root: false, sudo: true })).toEqual({ how: 'sudo' })
  })

  it('that cannot be installed are named, with the command to run', () => {
    expect(debianPackages({ missing, hasApt: true, root: false, sudo: false })).toEqual({
      how: 'impossible',
      reason: 'Missing Debian packages, and no root or sudo without a password. Run: sudo apt-get install chromium rrdtool',
    })
    expect(debianPackages({ missing, hasApt: false, root: true, sudo: true })).toMatchObject({
      how: 'impossible',
      reason: expect.stringContaining('chromium rrdtool'),
    })
  })
})

describe('the build', () => {
  it('is stale when an output is missing or older than the newest source', () => {
    expect(buildIsStale(100, [101, 102])).toBe(false)
    expect(buildIsStale(100, [101, undefined])).toBe(true)
    expect(buildIsStale(100, [99, 102])).toBe(true)
  })
})

describe('which shell opens', () => {
  const now = Date.parse('2026-05-01T12:00:00Z')
  const seen = { linux: true, root: false, display: true, binary: true, failedAt: undefined, now }

  it('is the desktop where its binary is', () => {
    expect(whichShell(seen)).toEqual({ shell: 'desktop' })
    expect(whichShell({ ...seen, linux: false, root: true, display: false })).toEqual({ shell: 'desktop' })
  })

  it('is the browser for root and without a display, and says why', () => {
    expect(whichShell({ ...seen, root: true })).toMatchObject({ shell: 'browser', reason: expect.stringContaining('sandbox') })
    expect(whichShell({ ...seen, display: false })).toMatchObject({ shell: 'browser', reason: 'there is no display' })
  })

  it('is found out by fetching the binary, once a day', () => {
    expect(whichShell({ ...seen, binary: false })).toEqual({ shell: 'try' })
    expect(whichShell({ ...seen, binary: false, failedAt: now - 60_000 })).toMatchObject({ shell: 'browser' })
    expect(whichShell({ ...seen, binary: false, failedAt: now - 25 * 3_600_000 })).toEqual({ shell: 'try' })
  })
})

describe('npm start', () => {
  it('takes --lab and --port', () => {
    expect(startOptions([])).toEqual({ lab: false, port: undefined })
    expect(startOptions(['--lab', '--port', '8080'])).toEqual({ lab: true, port: 8080 })
  })

  it.each([[['--port']], [['--port', '0']], [['--port', '8080x']], [['--port', '65536']], [['--labs']]])(
    'refuses %j',
    (words) => {
      expect(() => startOptions(words)).toThrow(/--port|unknown option/)
    },
  )
})
