import { chmod, copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Connection } from '../../src-shared/models/host'
import { type Cable, layCable } from '../ssh/testing/cable'
import { haveSshd, startSshd, type TestSshd } from '../ssh/testing/sshd'
import { createTrustStore } from '../ssh/trust'
import { Host } from './host'
import { sshServices } from './services'
import { makeStubDom0, type StubDom0, uuidOf } from './testing/stub-dom0'

const patience = { timeout: 15_000, interval: 10 }

let dom0: StubDom0
let sshd: TestSshd
let cable: Cable
let host: Host

beforeEach(async () => {
  dom0 = await makeStubDom0()
  const environment = Object.entries(dom0.environment).map(([name, value]) => `${name}=${value}`)
  sshd = await startSshd({ config: [`SetEnv ${environment.join(' ')}`] })
  cable = await layCable(sshd.port)
  host = new Host(
    {
      id: 'h1',
      name: 'xen-01',
      address: '127.0.0.1',
      port: cable.port,
      user: sshd.user,
      keyPath: sshd.keyPath,
      storageRoot: dom0.storageRoot,
      simulated: false,
    },
    // Reconnects at the short end of each wait.
    { ...sshServices({ agentSocket: undefined, homeDir: sshd.homeDir }, trustOf(sshd)), random: () => 0 },
  )
})
afterEach(async () => {
  host.disconnect()
  cable.remove()
  await sshd.stop()
  await dom0.remove()
})

function trustOf({ homeDir }: TestSshd) {
  return createTrustStore({ homeDir, ownFile: join(homeDir, 'domdeck', 'known_hosts') })
}

const reaches = async <Phase extends Connection['phase']>(phase: Phase) => {
  await vi.waitFor(() => expect(host.connection.phase).toBe(phase), patience)
  return host.connection as Extract<Connection, { phase: Phase }>
}

async function connected(): Promise<void> {
  host.connect()
  const { presentedKey } = await reaches('blocked')
  await host.trust(presentedKey?.fingerprint ?? '')
  await reaches('ready')
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe.skipIf(!haveSshd)('a host behind a real sshd', () => {
  it('stops at an unknown key, refuses to trust another one, and connects once the shown one is trusted', async () => {
    host.connect()
    const { problem, presentedKey } = await reaches('blocked')
    expect(problem.code).toBe('HOST_KEY_UNKNOWN')
    await expect(host.trust('SHA256:another')).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await host.trust(presentedKey?.fingerprint ?? '')
    await reaches('ready')
    expect(host.facts).toMatchObject({ hostname: 'dom0', xenVersion: '4.17.7', guestTypes: ['pv', 'pvh', 'hvm'] })
    expect(host.facts?.storageBytes).toBeGreaterThan(0)
    expect(Math.abs(host.facts?.clockSkewMs ?? Number.NaN)).toBeLessThan(5_000)
    expect(host.model.latencyMs).toBeGreaterThan(0)
  })

  it('passes through its phases in order, and has the guests when it is ready', async () => {
    await dom0.setDomains([{ domid: 3, name: 'web', uuid: uuidOf(3) }])
    const phases: string[] = []
    host.on('change', () => phases.at(-1) === host.connection.phase || phases.push(host.connection.phase))
    let guestsWhenReady = 0
    host.on('ready', () => {
      guestsWhenReady = host.guests.size
    })
    await connected()
    expect(phases.slice(-7)).toEqual(['blocked', 'resolving', 'connecting', 'host-key', 'auth', 'probing', 'ready'])
    expect(guestsWhenReady).toBe(1)
  })

  it('comes through a jump host: the key of each is asked for, phases say where they are, and its end is the reason', async () => {
    const bastion = await startSshd()
    try {
      // One of the default keys: one is oneself on a jump host, with one's own keys.
      await copyFile(bastion.keyPath, join(sshd.homeDir, '.ssh', 'id_ecdsa'))
      await host.update({ ...host.settings, jump: `${bastion.user}@127.0.0.1:${bastion.port}` })
      const phases: string[] = []
      host.on('change', () => {
        const { connection } = host
        phases.push('jump' in connection ? `${connection.phase} ${connection.jump}` : connection.phase)
      })
      host.connect()
      const first = await reaches('blocked')
      expect(first).toMatchObject({ problem: { code: 'HOST_KEY_UNKNOWN' }, presentedKey: { of: 'the jump host 127.0.0.1' } })
      await host.trust(first.presentedKey?.fingerprint ?? '')
      await vi.waitFor(
        () => expect(host.connection).toMatchObject({ phase: 'blocked', presentedKey: { of: 'xen-01' } }),
        patience,
      )
      const second = await reaches('blocked')
      await host.trust(second.presentedKey?.fingerprint ?? '')
      await reaches('ready')
      expect(phases).toContain('auth 127.0.0.1')
    } finally {
      await bastion.stop()
    }
    const { problem } = await reaches('waiting')
    expect(problem.detail).toMatch(/jump host 127\.0\.0\.1/)
  })

  it('shows a change soon after xenstore announces it', async () => {
    await connected()
    await dom0.setDomains([{ domid: 4, name: 'new', uuid: uuidOf(4) }])
    await dom0.fire()
    // Well before the slow poll would find it.
    await vi.waitFor(() => expect(host.guests.get(uuidOf(4))).toMatchObject({ name: 'new', type: 'pv' }), {
      timeout: 5_000,
      interval: 5,
    })
    await dom0.setDomains([])
    await dom0.fire('@releaseDomain')
    await vi.waitFor(() => expect(host.guests.size).toBe(0), { timeout: 5_000, interval: 5 })
  })

  it('costs less than 1 kB a second on the wire for 200 idle guests', async () => {
    const domains = Array.from({ length: 200 }, (_, index) => ({
      domid: 1000 + index,
      name: `web-${index}`,
      uuid: uuidOf(index),
      seconds: 12345.6,
    }))
    await dom0.setDomains(domains)
    await connected()
    await host.refresh()
    const before = cable.bytes()
    await host.refresh()
    const bytesAPoll = cable.bytes() - before
    expect(bytesAPoll).toBeGreaterThan(200)
    expect(bytesAPoll / 10).toBeLessThan(1_000)
  })

  it('asks, runs and streams as one login', async () => {
    await connected()
    expect(await host.ask(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({
      stdout: 'out\n',
      stderr: 'err',
      exitCode: 3,
    })
    const { stdout, exitCode } = await host.run(['cat'], { stdin: 'through\0all' })
    expect([stdout.toString(), exitCode]).toEqual(['through\0all', 0])
    const process = await host.stream(['sh', '-c', 'exit 7'])
    expect(await process.exited).toEqual({ exitCode: 7 })
  })

  it('keeps everything over a lost link, says so, and comes back by itself', async () => {
    await dom0.setDomains([{ domid: 3, name: 'web', uuid: uuidOf(3) }])
    await connected()
    const lost = vi.fn()
    host.on('lost', lost)
    cable.cut()
    const waiting = await reaches('waiting')
    expect(waiting.problem.code).toBe('CONNECTION_LOST')
    expect(waiting.until).toBeGreaterThan(Date.now() - 1_000)
    expect(lost).toHaveBeenCalledOnce()
    expect(host.guests.get(uuidOf(3))?.name).toBe('web')
    const { asOf = Date.now(), facts } = host.model
    expect(facts?.xenVersion).toBe('4.17.7')
    expect(asOf).toBeLessThan(Date.now())
    await expect(host.ask([':'])).rejects.toMatchObject({ code: 'HOST_NOT_READY' })

    await dom0.setDomains([{ domid: 9, name: 'web', uuid: uuidOf(3) }])
    cable.mend()
    await reaches('ready')
    expect(host.guests.get(uuidOf(3))?.domid).toBe(9)
    expect(host.model.asOf).toBeGreaterThan(asOf)
  })

  it('is back soon after a sleep in which its connection died without a word, and keeps one that lives', async () => {
    await connected()
    const { since } = await reaches('ready')
    await host.wake()
    expect(host.connection).toEqual({ phase: 'ready', since })
    const lost = vi.fn()
    host.on('lost', lost)
    cable.freeze()
    await host.wake()
    expect(await reaches('waiting')).toMatchObject({
      held: true,
      problem: { detail: expect.stringContaining('no answer to a probe') },
    })
    await reaches('ready')
    expect(lost).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ detail: expect.stringContaining('no answer to a probe') }),
    )
  })

  it('leaves nothing running on the host when the link is cut', async () => {
    await connected()
    const watch = await dom0.watchPid()
    expect(isAlive(watch)).toBe(true)
    cable.cut()
    await vi.waitFor(() => expect(isAlive(watch)).toBe(false), patience)
  })

  it('leaves nothing running on the host when it disconnects', async () => {
    await connected()
    const watch = await dom0.watchPid()
    host.disconnect()
    await vi.waitFor(() => expect(isAlive(watch)).toBe(false), patience)
    expect(host.connection.phase).toBe('idle')
  })

  it('starts the watch anew when somebody kills it', async () => {
    await connected()
    const watch = await dom0.watchPid()
    process.kill(watch)
    await vi.waitFor(() => expect(isAlive(watch)).toBe(false), patience)
    await host.refresh()
    await host.refresh()
    await vi.waitFor(async () => expect(isAlive(await dom0.watchPid())).toBe(true), patience)
    expect(await dom0.watchPid()).not.toBe(watch)
  })

  it('gives up a question that hangs, ends what it ran, and answers the next', async () => {
    await connected()
    await expect(host.ask(['xl', 'hang'], { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      message: expect.stringContaining('xen-01 did not answer xl within 0.3 s'),
    })
    const hanging = Number(await readFile(join(dom0.folder, 'hanging.pid'), 'utf8'))
    await vi.waitFor(() => expect(isAlive(hanging)).toBe(false), patience)
    expect(await host.ask(['echo', 'again'])).toMatchObject({ stdout: 'again\n' })
    expect(host.connection.phase).toBe('ready')
  })

  it('says why a machine is not a dom0, and waits for a person', async () => {
    await writeFile(join(dom0.folder, 'no-xen'), '')
    host.connect()
    await host.trust((await reaches('blocked')).presentedKey?.fingerprint ?? '')
    await vi.waitFor(() => expect(host.connection).toMatchObject({ phase: 'blocked', problem: { code: 'NOT_XEN' } }), patience)
    expect(host.connection).toMatchObject({
      problem: { detail: expect.stringMatching(/booted without the hypervisor|guest of Xen itself/) },
    })
    // So that it can be booted into Xen from here.
    expect(await host.ask(['echo', 'there'])).toMatchObject({ stdout: 'there\n' })
    await rm(join(dom0.folder, 'no-xen'))
    host.connect()
    await reaches('ready')
  })

  it('says what sudo says when the login is not root and may not become it', async () => {
    await program('id', 'echo 1000')
    await program('sudo', 'echo "sudo: error initializing audit plugin" >&2; exit 1')
    host.connect()
    await host.trust((await reaches('blocked')).presentedKey?.fingerprint ?? '')
    await vi.waitFor(() => expect(host.connection).toMatchObject({ phase: 'blocked', problem: { code: 'NOT_ROOT' } }), patience)
    expect(host.connection).toMatchObject({
      problem: { detail: expect.stringContaining('sudo: error initializing audit plugin') },
    })
  })

  it('becomes root by sudo -n for all it runs when the login is not root', async () => {
    await program('id', 'echo 1000')
    await program(
      'sudo',
      'printf "%s\\n" "$*" >>"$STUB_DOM0/sudo-calls"; while [ "$1" = -k ] || [ "$1" = -n ] || [ "$1" = -- ]; do shift; done; exec "$@"',
    )
    await connected()
    await host.run(['echo', 'a b'])
    const calls = (await readFile(join(dom0.folder, 'sudo-calls'), 'utf8')).trim().split('\n')
    expect(calls).toEqual(['-k -n true', '-n -- sh', '-n -- echo a b'])
  })

  it('shows hostile names as they are, and runs nothing of them', async () => {
    const trap = join(dom0.folder, 'trap')
    const names = [`$(touch ${trap})`, `\`touch ${trap}\``, `'; touch ${trap}; '`, '-v', '12', 'end', '|end', 'ü 名 😀']
    await dom0.setDomains(names.map((name, index) => ({ domid: index + 1, name, uuid: uuidOf(index + 1) })))
    await connected()
    expect([...host.guests.values()].map((guest) => guest.name).sort()).toEqual([...names].sort())
    for (const name of names) expect((await host.ask(['printf', '%s', name])).stdout).toBe(name)
    await expect(readFile(trap)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  async function program(name: string, text: string): Promise<void> {
    const path = join(dom0.folder, 'bin', name)
    await writeFile(path, `#!/bin/sh\n${text}\n`)
    await chmod(path, 0o755)
  }
})
