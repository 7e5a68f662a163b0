import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { highWaterBytes } from '../../src-shared/console-frame'
import { Consoles } from './consoles'
import { Recordings } from './recordings'
import { openTestPage, type TestPane } from './testing/page'
import { makePretendHost, type PretendHost } from './testing/pretend-host'

const web07 = '11111111-2222-4333-8444-555555555555'
/** A guest that answers what it is sent. */
const echo = 'printf "web-07 login: "\nexec cat'
const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 10_000, interval: 10 })

let host: PretendHost
let consoles: Consoles
let page: ReturnType<typeof openTestPage>

beforeEach(async () => {
  host = await makePretendHost()
  consoles = new Consoles(
    { get: () => host, hosts: () => [host], onHost: () => () => undefined },
    { lingerMs: 50, recordings: new Recordings('/nowhere'), isRecordedAlways: () => false },
  )
  page = openTestPage(consoles)
})

afterEach(async () => {
  consoles.close()
  await host.remove()
})

async function opened(who = 'ana', from = page): Promise<TestPane> {
  const pane = await from.open(host.settings.id, web07, who)
  await until(() => expect(pane.status?.state).toMatch(/attached/))
  return pane
}

describe('a console', () => {
  it('shows what the guest says and brings what is typed, on its hvc0 without a pty', async () => {
    await host.boot(web07, 7, echo)
    const pane = await opened()
    expect(pane.status).toEqual({ state: 'attached', domid: 7 })
    pane.type('röot\r')
    await until(() => expect(pane.text).toBe('web-07 login: röot\r'))
    expect(readFileSync(join(host.folder, '7.args'), 'utf8')).toBe('--interactive --type pv 7\n')
  })

  it('never sends the byte that would detach xenconsole', async () => {
    await host.boot(web07, 7, 'exec cat')
    const pane = await opened()
    pane.type('a\x1db')
    pane.type('\x1d')
    pane.type('c')
    await until(() => expect(pane.text).toBe('abc'))
  })

  it('has one reader for many panes, and gives a new pane the history first', async () => {
    await host.boot(web07, 7, echo)
    const first = await opened()
    first.type('one ')
    await until(() => expect(first.text).toBe('web-07 login: one '))
    const pid = await host.consolePid(7)
    const second = await opened('ben', openTestPage(consoles))
    expect(second.events.find((event) => event.type === 'history-end')).toEqual({ type: 'history-end', bytes: 18 })
    first.type('two')
    await until(() => expect(second.text).toBe('web-07 login: one two'))
    expect(await host.consolePid(7)).toBe(pid)
  })

  it('lets one pane write at a time, and another only when it takes over', async () => {
    await host.boot(web07, 7, 'exec cat')
    const ana = await opened('ana')
    const benPage = openTestPage(consoles)
    const ben = await opened('ben', benPage)
    expect(ana.writes).toBe(true)
    expect(ben.events.find((event) => event.type === 'writer')).toEqual({ type: 'writer', self: false, who: 'ana' })
    ben.type('no')
    ana.type('yes')
    await until(() => expect(ben.text).toBe('yes'))
    consoles.takeWriter(benPage.lane, ben.stream)
    await until(() => expect(ana.events.at(-1)).toEqual({ type: 'writer', self: false, who: 'ben' }))
    ben.type(' ben')
    await until(() => expect(ana.text).toBe('yes ben'))
    ben.close()
    await until(() => expect(ana.writes).toBe(true))
  })

  it('takes panes of one page as one person', async () => {
    await host.boot(web07, 7, 'exec cat')
    const left = await opened()
    const right = await opened()
    left.type('l')
    right.type('r')
    await until(() => expect(left.text).toBe('lr'))
    expect(right.writes).toBe(true)
  })

  it('loses no byte of a flood while one pane hangs, and holds the guest back meanwhile', async () => {
    const total = 3_000_000
    await host.boot(web07, 7, `seq -f %09.0f 300000\nexec cat`)
    const hanging = await page.open(host.settings.id, web07)
    hanging.parses = false
    const parsing = await page.open(host.settings.id, web07)
    await until(() => expect(hanging.output.length).toBe(highWaterBytes + 1))
    // The pane that parses is not ahead by more than what was under way when the guest was held back.
    expect(parsing.output.length).toBeLessThan(highWaterBytes + 500_000)
    hanging.parse()
    await until(() => expect(hanging.output.length).toBe(total))
    await until(() => expect(parsing.output.length).toBe(total))
    const expected = Array.from({ length: 300_000 }, (_, index) => `${String(index + 1).padStart(9, '0')}\n`).join('')
    expect(hanging.text === expected).toBe(true)
    expect(parsing.text === expected).toBe(true)
  })

  it('brings characters whole whose bytes come apart', async () => {
    await host.boot(web07, 7, `printf 'gr\\303'\nread -r go\nprintf '\\274n'\nexec cat`)
    const pane = await opened()
    await until(() => expect(pane.output.length).toBe(3))
    pane.type('go\n')
    await until(() => expect(pane.text).toBe('grün'))
  })

  it('follows the guest over a reboot and keeps the history', async () => {
    await host.boot(web07, 7, echo)
    const pane = await opened()
    await until(() => expect(pane.text).toBe('web-07 login: '))
    await host.destroy(web07)
    await until(() => expect(pane.status?.state).toBe('guest-down'))
    await host.boot(web07, 8, 'printf "again"\nexec cat')
    await until(() => expect(pane.status).toMatchObject({ state: 'reattached', domid: 8 }))
    await until(() => expect(pane.text).toBe('web-07 login: again'))
    pane.type('!')
    await until(() => expect(pane.text).toBe('web-07 login: again!'))
  })

  it('waits for a pty that a busy dom0 makes late', async () => {
    await host.boot(web07, 7, echo, { tty: false })
    const pane = await page.open(host.settings.id, web07, 'ana')
    await until(() => expect(pane.status?.state).toBe('attaching'))
    await host.makeTty(7)
    await until(() => expect(pane.text).toBe('web-07 login: '))
  })

  it('never attaches to another guest that has got the domid', async () => {
    await host.boot('99999999-2222-4333-8444-555555555555', 7, 'printf "not yours"\nexec cat')
    host.guests.get('99999999-2222-4333-8444-555555555555')
    const stale = { ...host.guests.values().next().value!, id: web07 }
    ;(host.guests as Map<string, typeof stale>).set(web07, stale)
    const pane = await page.open(host.settings.id, web07)
    await until(() => expect(pane.status?.state).toBe('attaching'))
    await host.boot(web07, 8, 'printf "yours"\nexec cat')
    await until(() => expect(pane.text).toBe('yours'))
    expect(existsSync(join(host.folder, '7.args'))).toBe(false)
  })

  it('comes back after a lost link by itself, ending its own reader that the host has not missed yet', async () => {
    await host.boot(web07, 7, echo)
    const pane = await opened()
    await until(() => expect(pane.text).toBe('web-07 login: '))
    const stale = await host.consolePid(7)
    host.cut()
    await until(() => expect(pane.status?.state).toBe('link-lost'))
    expect(await host.consolePid(7)).toBe(stale)
    host.reconnect()
    // This host keeps no log, so nobody knows what was on its way.
    await until(() => expect(pane.status).toEqual({ state: 'attached', domid: 7, missed: true }))
    expect(await host.consolePid(7)).not.toBe(stale)
    pane.type('x')
    await until(() => expect(pane.text).toBe('web-07 login: web-07 login: x'))
  })

  it('loses nothing and shows nothing twice over a lost link, where the host keeps a log of the console', async () => {
    const log = join(host.folder, 'var/log/xen/console/guest-web-07.log')
    await host.boot(
      web07,
      7,
      `if [ ! -e "$PRETEND/again" ]; then
         mkdir -p '${dirname(log)}'
         seq -f 'line %05.0f' 1 500 | tee '${log}'
       else
         seq -f 'line %05.0f' 4000 4100 # what xenconsoled had kept of it
         read -r go
         seq -f 'line %05.0f' 4101 4110 | tee -a '${log}'
       fi
       exec cat >/dev/null`,
    )
    const pane = await opened()
    await until(() => expect(pane.text).toContain('line 00500\n'))
    host.cut()
    await until(() => expect(pane.status?.state).toBe('link-lost'))
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => `line ${String(from + index).padStart(5, '0')}\n`).join('')
    writeFileSync(join(host.folder, 'again'), '')
    appendFileSync(log, lines(501, 4100))
    host.reconnect()
    await until(() => expect(pane.text).toBe(lines(1, 4100)))
    pane.type('go\n')
    await until(() => expect(pane.text).toBe(lines(1, 4110)))
    expect(pane.status).toEqual({ state: 'attached', domid: 7 })
  })

  it('says who holds the console, and takes it only when told to', async () => {
    await host.boot(web07, 7, echo)
    const foreign = host.shell('exec "$DOMDECK_XENCONSOLE" 7')
    await until(async () => expect(await host.consolePid(7)).toBe(foreign.pid))
    const pane = await page.open(host.settings.id, web07)
    await until(() => expect(pane.status).toMatchObject({ state: 'busy', pid: foreign.pid }))
    // Begun just now, and by this machine's own clock.
    expect(pane.status).toMatchObject({ since: expect.closeTo(Date.now(), -5) })
    await expect(consoles.evict(page.lane, pane.stream, foreign.pid + 1)).rejects.toThrow(/held by/)
    expect(await host.consolePid(7)).toBe(foreign.pid)
    await consoles.evict(page.lane, pane.stream, foreign.pid)
    await until(() => expect(pane.status).toEqual({ state: 'attached', domid: 7 }))
    expect(await host.consolePid(7)).not.toBe(foreign.pid)
  })

  it('attaches by itself once whoever held the console has left, and says busy until then', async () => {
    await host.boot(web07, 7, echo)
    const foreign = host.shell('exec "$DOMDECK_XENCONSOLE" 7')
    await until(async () => expect(await host.consolePid(7)).toBe(foreign.pid))
    const pane = await page.open(host.settings.id, web07)
    await until(() => expect(pane.status?.state).toBe('busy'))
    foreign.kill()
    await until(() => expect(pane.status).toEqual({ state: 'attached', domid: 7 }))
    pane.type('x')
    await until(() => expect(pane.text).toContain('x'))
  })

  it('does not fight for a console that somebody took from it', async () => {
    await host.boot(web07, 7, echo)
    const pane = await opened()
    await until(() => expect(pane.text).toBe('web-07 login: '))
    const ours = await host.consolePid(7)
    const foreign = host.shell(`kill ${ours}; until "$DOMDECK_XENCONSOLE" 7; do :; done`)
    await until(() => expect(pane.status?.state).toBe('busy'))
    const holder = await host.consolePid(7)
    expect(holder).not.toBe(ours)
    expect(pane.status).toMatchObject({ pid: holder })
    foreign.kill()
  })

  it('says what xenconsole said when it fails', async () => {
    await host.boot(web07, 7, 'echo "xenconsole: Could not read tty from store: No such file or directory" >&2; exit 2')
    const pane = await page.open(host.settings.id, web07)
    await until(() => expect(pane.status?.state).toBe('failed'))
    expect(pane.status).toMatchObject({ problem: { code: 'CONSOLE_FAILED', detail: expect.stringContaining('tty from store') } })
    await host.boot(web07, 7, echo)
    await consoles.evict(page.lane, pane.stream, 0)
    await until(() => expect(pane.text).toBe('web-07 login: '))
  })

  it('waits for a guest that is not up, and for one that is not there yet', async () => {
    const pane = await page.open(host.settings.id, web07)
    await until(() => expect(pane.status?.state).toBe('guest-down'))
    await host.boot(web07, 3, echo)
    await until(() => expect(pane.text).toBe('web-07 login: '))
  })

  describe('of a guest that runs on another host', () => {
    let other: PretendHost
    let both: Consoles

    beforeEach(async () => {
      other = await makePretendHost('dom0-b')
      const hosts = [host, other]
      both = new Consoles(
        {
          get: (id) => hosts.find(({ settings }) => settings.id === id) ?? host,
          hosts: () => hosts,
          onHost: (listener) => {
            for (const one of hosts) listener(one)
            return () => undefined
          },
        },
        { lingerMs: 50, recordings: new Recordings('/nowhere'), isRecordedAlways: () => false },
      )
    })

    afterEach(async () => {
      both.close()
      await other.remove()
    })

    it('follows it there with all that was shown, and back', async () => {
      await host.boot(web07, 7, echo)
      const pane = await opened('ana', openTestPage(both))
      await until(() => expect(pane.text).toBe('web-07 login: '))
      // As xl migrates: the domain is there before it is gone here.
      await other.boot(web07, 7, 'printf "moved "\nexec cat')
      await host.destroy(web07)
      await until(() => expect(pane.status).toMatchObject({ state: 'reattached', domid: 7, movedTo: 'dom0-b' }))
      expect(pane.events).toContainEqual({ type: 'moved', hostId: 'dom0-b' })
      pane.type('x')
      await until(() => expect(pane.text).toBe('web-07 login: moved x'))
      const second = await openTestPage(both).open('dom0-b', web07, 'ben')
      await until(() => expect(second.text).toBe('web-07 login: moved x'))
      await other.destroy(web07)
      await until(() => expect(pane.status?.state).toBe('guest-down'))
      await host.boot(web07, 9, 'printf "back"\nexec cat')
      await until(() => expect(second.text).toBe('web-07 login: moved xback'))
      expect(pane.status).toMatchObject({ state: 'reattached', domid: 9, movedTo: 'dom0-a' })
    })

    it('stays where it is when the other guest ran beside it all along: that is another one', async () => {
      await other.boot(web07, 3, 'printf "not yours"\nexec cat')
      await host.boot(web07, 7, echo)
      const pane = await opened('ana', openTestPage(both))
      await host.destroy(web07)
      await until(() => expect(pane.status?.state).toBe('guest-down'))
      await other.makeTty(3)
      await other.boot('99999999-2222-4333-8444-555555555555', 4, echo)
      expect(pane.status?.state).toBe('guest-down')
      expect(pane.text).not.toContain('not yours')
    })

    it('leaves a console alone that has panes of its own there', async () => {
      await host.boot(web07, 7, echo)
      const here = await opened('ana', openTestPage(both))
      await other.boot(web07, 7, 'printf "there "\nexec cat')
      const there = await openTestPage(both).open('dom0-b', web07, 'ana')
      await until(() => expect(there.text).toBe('there '))
      await host.destroy(web07)
      await until(() => expect(here.status?.state).toBe('guest-down'))
      there.type('x')
      await until(() => expect(there.text).toBe('there x'))
      expect(here.text).toBe('web-07 login: ')
    })
  })

  it('marks what the kernel of a guest says in trouble, for all panes, until somebody has read it or the guest boots anew', async () => {
    const panic = '[   12.345678] Kernel panic - not syncing: Fatal exception'
    await host.boot(web07, 7, `printf 'web-07 login: '; read -r go; printf '${panic}\\r\\n'; exec cat`)
    const ana = await opened('ana')
    ana.type('go\n')
    const marked = { type: 'mark', mark: { kind: 'panic', line: panic, at: expect.any(Number) }, isNew: true }
    await until(() => expect(ana.events.at(-1)).toEqual(marked))
    const ben = await opened('ben', openTestPage(consoles))
    await until(() => expect(ben.events.at(-1)).toEqual({ ...marked, isNew: false }))
    consoles.dismissMark(ben.lane, ben.stream)
    await until(() => expect(ana.events.at(-1)).toMatchObject({ type: 'mark', mark: undefined }))

    ana.type(`[   13.000000] Out of memory: Killed process 1 (a)\n`)
    await until(() => expect(ben.events.at(-1)).toMatchObject({ type: 'mark', mark: { kind: 'memory' } }))
    await host.destroy(web07)
    await host.boot(web07, 8, echo)
    await until(() => expect(ben.events.findLast(({ type }) => type === 'mark')).toMatchObject({ mark: undefined }))
  })

  it('tells a pane of a text that it waits for, and only that pane', async () => {
    await host.boot(web07, 7, 'exec cat')
    const ana = await opened('ana')
    const ben = await opened('ben', openTestPage(consoles))
    const waited = { for: 'text', text: 'built in \\d+ s', isPattern: true, ignoresCase: true, lasts: false } as const
    consoles.watch(ana.lane, ana.stream, waited)
    expect(() => consoles.watch(ana.lane, ana.stream, { ...waited, text: '[' })).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT' }),
    )
    ana.type('compiling\r\nBuilt in 12 s\r\nbuilt in 13 s\r\n')
    await until(() => expect(ana.events.at(-1)).toEqual({ type: 'watch-hit', line: 'Built in 12 s' }))
    await until(() => expect(ben.text).toContain('13 s'))
    expect([...ana.events, ...ben.events].filter(({ type }) => type === 'watch-hit')).toHaveLength(1)
  })

  it('pastes line by line at a pace, and not for a pane that does not write', async () => {
    await host.boot(web07, 7, 'exec cat')
    const ana = await opened('ana')
    const ben = await opened('ben', openTestPage(consoles))
    const text = 'set -e\recho "grün"\r'.repeat(10)
    await consoles.paste(page.lane, ana.stream, text)
    await until(() => expect(ana.text).toBe(text))
    await expect(consoles.paste(ben.lane, ben.stream, text)).rejects.toMatchObject({ code: 'CONSOLE_BUSY' })
  })

  it('ends a paste with the reason when the guest goes down', async () => {
    await host.boot(web07, 7, 'exec cat')
    const pane = await opened()
    const pasted = consoles.paste(page.lane, pane.stream, 'x'.repeat(100_000))
    const refused = expect(pasted).rejects.toMatchObject({
      code: 'CONSOLE_FAILED',
      message: expect.stringMatching(/of 100000 bytes/),
    })
    await until(() => expect(pane.output.length).toBeGreaterThan(0))
    await host.destroy(web07)
    await refused
  })

  it('lets the console go some time after the last pane, and closes all panes of a page that is gone', async () => {
    await host.boot(web07, 7, echo)
    const pane = await opened()
    await until(async () => expect(await host.consolePid(7)).toBeDefined())
    page.close()
    await until(() => expect(pane.ended).toBe(true))
    await until(async () => expect(await host.consolePid(7)).toBeUndefined())
    page = openTestPage(consoles)
    const again = await opened()
    await until(() => expect(again.text).toBe('web-07 login: '))
  })

  it('is not disturbed by broken frames', async () => {
    await host.boot(web07, 7, 'exec cat')
    const pane = await opened()
    page.send(Uint8Array.of(9, 9, 9))
    page.send(new Uint8Array(0))
    page.send(Uint8Array.of(1, 0, 0, 0, 99, 0x61))
    pane.type('ok')
    await until(() => expect(pane.text).toBe('ok'))
  })
})
