import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareGuest } from '../../src-main/guests/compare'
import { listLogs, readLog } from '../../src-main/guests/logs'
import type { OperationCall } from '../../src-shared/operations'
import { type GuestLife, startGuestLife } from './testing/guest-life'

// What is asked of a host when somebody looks: how a guest differs from its file, and what its logs say.
let life: GuestLife
beforeAll(async () => {
  life = await startGuestLife(8)
}, 60_000)
afterAll(() => life.stop())

const compare = async (name: string) => {
  const guest = await life.guest(name)
  return (await compareGuest(life.connected.host, guest.id)).differences
}

describe('comparing a guest with its file', () => {
  it('finds nothing in any guest of a fresh host', async () => {
    await life.connected.host.refresh()
    const running = [...life.connected.host.guests.values()].filter((guest) => guest.domid !== undefined)
    expect(running.length).toBeGreaterThan(3)
    for (const { name } of running) expect({ name, differences: await compare(name) }).toEqual({ name, differences: [] })
  })

  it('tells what somebody changed behind our back, and each way settles it', async () => {
    const guest = await life.guest('web-01')
    const config = guest.configPath ?? ''
    await life.run('xl', 'mem-set', 'web-01', '100m')
    const [memory] = await compare('web-01')
    expect(memory).toMatchObject({ title: 'Memory', file: `${guest.memoryMb} MB`, guest: '100 MB' })
    await life.succeed(memory?.toGuest as OperationCall)
    expect(await compare('web-01')).toEqual([])
    await life.run('xl', 'mem-set', 'web-01', '120m')
    await life.succeed((await compare('web-01'))[0]?.toFile as OperationCall)
    expect(readFileSync(config, 'utf8')).toContain('memory = 120\n')
    expect(await compare('web-01')).toEqual([])
  })

  it('reads a file that is half written for what it says, and takes nothing in it for a word of ours', async () => {
    const guest = await life.guest('web-02')
    const config = guest.configPath ?? ''
    const text = readFileSync(config, 'utf8')
    writeFileSync(config, `${text}on_reboot = "domain\ndomain\nstore\n|name = "x"`)
    const { differences, unread } = await compareGuest(life.connected.host, guest.id)
    expect(differences).toEqual([])
    expect(unread.length).toBeGreaterThan(0)
    writeFileSync(config, text)
  })
})

describe('logs', () => {
  const log = () => join(life.simulated.folder, 'root/var/log/xen/xl-web-01.log')
  /** Reads until what came matches, then stops. Each act is done once what stands before it has come. */
  async function readUntil(
    source: 'xl' | 'console' | 'xen',
    guestId: string | undefined,
    matches: RegExp,
    acts: [RegExp, () => void][] = [],
  ) {
    const stop = new AbortController()
    let text = ''
    for await (const piece of readLog(life.connected.host, { guestId, source }, stop.signal)) {
      text += piece.text
      const [before, act] = acts[0] ?? []
      if (before?.test(text)) {
        acts.shift()
        act?.()
      }
      if (matches.test(text)) stop.abort()
    }
    return text
  }

  it('of a guest are those that are there, whatever they are called in its name', async () => {
    const { id } = await life.guest('web-01')
    expect(await listLogs(life.connected.host, id)).toEqual([{ source: 'xl', sizeBytes: readFileSync(log()).length }])
    writeFileSync(join(life.simulated.folder, 'root/var/log/xen/console/guest-web-01.log'), '\u001b[31mboot\u001b[0m\n')
    expect((await listLogs(life.connected.host, id)).map(({ source }) => source)).toEqual(['xl', 'console'])
    expect(await readUntil('console', id, /boot/)).toBe('boot\n')
  })

  it('are followed as they grow and are rotated, and nothing is left on the host', async () => {
    const { id } = await life.guest('web-01')
    const text = await readUntil('xl', id, /second/, [
      [/Waiting/, () => appendFileSync(log(), 'first\n')],
      // tail does not wait for the last words of a file that is renamed under it.
      [
        /first/,
        () => {
          renameSync(log(), `${log()}.1`)
          writeFileSync(log(), 'second\n')
        },
      ],
    ])
    expect(text).toMatch(/^Waiting for domain web-01.*first\nsecond\n$/s)
    await expect.poll(async () => (await life.simulated.run(['pgrep', '-f', `tail.*${log()}`])).stdout).toBe('')
  })

  it('of the hypervisor end by themselves', async () => {
    expect((await listLogs(life.connected.host, undefined))[0]).toMatchObject({ source: 'xen' })
    let text = ''
    for await (const piece of readLog(life.connected.host, { source: 'xen' }, new AbortController().signal)) text += piece.text
    expect(text).toContain('(XEN)')
  })

  it('that are not there, and names that are paths, are refused', async () => {
    const { id } = await life.guest('web-01')
    const qemu = readLog(life.connected.host, { guestId: id, source: 'qemu' }, new AbortController().signal)
    await expect(qemu.next()).rejects.toMatchObject({ code: 'COMMAND_FAILED' })
    await expect(listLogs(life.connected.host, 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await life.simulated.addForeignGuest({ name: '$(reboot) -x', state: 'running' })
    const odd = await life.guest('$(reboot) -x')
    expect((await listLogs(life.connected.host, odd.id)).map(({ source }) => source)).toEqual(['xl'])
    const path = new Map([[odd.id, { ...odd, name: '../../../etc/passwd' }]])
    const host = {
      settings: life.connected.host.settings,
      guests: path,
      ask: life.connected.host.ask,
      stream: life.connected.host.stream,
    }
    await expect(listLogs(host, odd.id)).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })
})
