import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Answers } from './answers'
import { type DialOptions, dial } from './dial'
import { Jumps, type Target } from './jump'
import { knownHostsName } from './known-hosts'
import type { Link } from './link'
import { openPool } from './pool'
import { layCable } from './testing/cable'
import { person } from './testing/person'
import { haveSshd, startSshd, type TestSshd } from './testing/sshd'
import { createTrustStore, HostKeyError, type TrustStore } from './trust'

/** Two busy cores may need more than vitest's one second. */
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000 })

describe.skipIf(!haveSshd)('through jump hosts, over real sshds', () => {
  let home: string
  let trust: TrustStore
  let jumps: Jumps
  const cleanUp: (() => unknown)[] = []

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'domdeck-home-'))
    mkdirSync(join(home, '.ssh'), { mode: 0o700 })
    trust = createTrustStore({ homeDir: home, ownFile: join(home, 'own') })
    jumps = new Jumps()
  })
  afterEach(async () => {
    jumps.close()
    for (const undo of cleanUp.splice(0).reverse()) await undo()
    rmSync(home, { recursive: true, force: true })
  })

  /** Starts a server whose key is trusted and who is called `alias` in ~/.ssh/config. */
  async function start(alias: string, settings: string[] = [], config: string[] = []): Promise<TestSshd> {
    const sshd = await startSshd({ config })
    cleanUp.push(() => sshd.stop())
    const key = join(home, '.ssh', `key-${alias}`)
    for (const end of ['', '.pub']) cpSync(`${sshd.keyPath}${end}`, `${key}${end}`)
    write(
      `Host ${alias}`,
      '  HostName 127.0.0.1',
      `  Port ${sshd.port}`,
      `  User ${sshd.user}`,
      `  IdentityFile ~/.ssh/key-${alias}`,
      '  IdentitiesOnly yes',
      ...settings.map((line) => `  ${line}`),
    )
    writeFileSync(join(home, '.ssh', 'known_hosts'), `${sshd.knownHostsLine}\n`, { flag: 'a' })
    return sshd
  }
  const write = (...lines: string[]) => writeFileSync(join(home, '.ssh', 'config'), `${lines.join('\n')}\n`, { flag: 'a' })
  const options = (more: Partial<DialOptions> = {}): DialOptions => ({
    trust,
    jumps,
    homeDir: home,
    agentSocket: undefined,
    systemFolder: home,
    ...more,
  })
  const reach = async (target: Target | string, more: Partial<DialOptions> = {}): Promise<Link> => {
    const link = await dial(typeof target === 'string' ? { name: 'dom0', address: target } : target, options(more))
    cleanUp.push(() => link.close())
    return link
  }
  const answer = async (link: Link) => (await link.run(['sh', '-c', 'echo "$SSH_CONNECTION"'])).stdout.toString()
  const logins = (sshd: TestSshd) => sshd.log().match(/^Accepted publickey/gm)?.length ?? 0

  it('reaches a host by its alias alone: address, port, user and key come from the file', async () => {
    const sshd = await start('lab')
    expect(await answer(await reach('lab'))).toContain(` ${sshd.port}\n`)
  })

  it('goes through one, and tells whose phase it is', async () => {
    const bastion = await start('bastion')
    const dom0 = await start('lab', ['ProxyJump bastion'])
    const phases: string[] = []
    const link = await reach('lab', { onPhase: (phase, jump) => phases.push(jump ? `${phase} ${jump}` : phase) })
    expect(await answer(link)).toContain(` ${dom0.port}\n`)
    expect(phases).toEqual([
      'resolving',
      'resolving bastion',
      'connecting bastion',
      'host-key bastion',
      'auth bastion',
      'connecting',
      'host-key',
      'auth',
    ])
    expect([logins(bastion), logins(dom0)]).toEqual([1, 1])
  })

  it('goes through a chain of two, in order, each with its own key', async () => {
    const dom0 = await start('lab', ['ProxyJump one,two'])
    // Neither lets one go anywhere else, so another order would not pass.
    const two = await start('two', [], [`PermitOpen 127.0.0.1:${dom0.port}`])
    const one = await start('one', [], [`PermitOpen 127.0.0.1:${two.port}`])
    expect(await answer(await reach('lab'))).toContain(` ${dom0.port}\n`)
    expect([one, two, dom0].map(logins)).toEqual([1, 1, 1])
    expect(jumps.size).toBe(2)
  })

  it('follows the jump host of a jump host', async () => {
    const one = await start('one')
    const two = await start('two', ['ProxyJump one'])
    await start('lab', ['ProxyJump two'])
    await reach('lab')
    expect([logins(one), logins(two)]).toEqual([1, 1])
  })

  it('logs in to a jump host once for all the hosts behind it, and leaves it some time after the last', async () => {
    jumps = new Jumps({ idleMs: 0 })
    const bastion = await start('bastion')
    await start('lab', ['ProxyJump bastion'])
    await start('other', ['ProxyJump bastion'])
    const links = await Promise.all(['lab', 'lab', 'other'].map((address) => reach(address)))
    expect(logins(bastion)).toBe(1)
    links[0]?.close()
    links[1]?.close()
    expect(await answer(links[2] as Link)).not.toBe('')
    expect(jumps.size).toBe(1)
    links[2]?.close()
    await until(() => expect(jumps.size).toBe(0))
    await until(() => expect(bastion.log()).toMatch(/Received disconnect|Connection closed|Disconnected from/))
  })

  it('stays at a jump host for a next dial: one login, though the first dial stopped at an unknown key', async () => {
    const bastion = await start('bastion')
    await start('lab', ['ProxyJump bastion'])
    writeFileSync(join(home, '.ssh', 'known_hosts'), `${bastion.knownHostsLine}\n`)
    const refused = (await reach('lab').catch((error: unknown) => error)) as HostKeyError
    expect(refused).toMatchObject({ code: 'HOST_KEY_UNKNOWN', presented: { of: 'dom0' } })
    await trust.add(refused.presented.line)
    await reach('lab')
    expect(logins(bastion)).toBe(1)
  })

  it('goes straight with ProxyJump none, and with `none` in the settings of the host', async () => {
    const bastion = await start('bastion')
    await start('direct', ['ProxyJump none'])
    await start('lab')
    write('Host direct lab', '  ProxyJump bastion')
    await reach('direct')
    await reach({ address: 'lab', jump: 'none' })
    expect(logins(bastion)).toBe(0)
  })

  it('takes the jump hosts of the settings of the host instead, also another host of the fleet', async () => {
    const bastion = await start('bastion')
    const dom0 = await start('lab', ['ProxyJump nowhere.invalid'])
    const { port, user, keyPath } = bastion
    expect(await answer(await reach({ address: 'lab', jump: `${user}@bastion:${port}` }))).toContain(` ${dom0.port}\n`)
    const fleet: Target = { name: 'dom0 in Brussels', address: '127.0.0.1', port, user, keyPath }
    const hostNamed = (name: string) => (name === fleet.name ? fleet : undefined)
    await reach({ address: 'lab', jump: 'dom0 in Brussels' }, { hostNamed })
    expect(logins(bastion)).toBe(2)
    await expect(reach({ address: 'lab', jump: 'dom0 in Paris' }, { hostNamed })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('dom0 in Paris'),
    })
  })

  it('refuses a way that goes in a circle, and connects nowhere', async () => {
    const one = await start('one', ['ProxyJump two'])
    const two = await start('two', ['ProxyJump one'])
    // `startSshd` itself has connected once, which sshd may log later.
    await until(() => {
      for (const sshd of [one, two]) expect(sshd.log()).toContain('Connection closed by')
    })
    const before = [one.log(), two.log()]
    await expect(reach('one')).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('circle') })
    expect([one.log(), two.log()]).toEqual(before)
  })

  it('does not go around a ProxyCommand in silence', async () => {
    const sshd = await start('lab', ['ProxyCommand nc %h %p'])
    await expect(reach('lab')).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(/Line 7 of ~\/\.ssh\/config .*ProxyCommand/),
    })
    expect(await answer(await reach({ address: 'lab', jump: 'none' }))).toContain(` ${sshd.port}\n`)
  })

  it('names the jump host whose key is unknown, and trusts that one', async () => {
    const bastion = await start('bastion')
    const dom0 = await start('lab', ['ProxyJump bastion'])
    writeFileSync(join(home, '.ssh', 'known_hosts'), `${dom0.knownHostsLine}\n`)
    const refused = (await reach('lab').catch((error: unknown) => error)) as HostKeyError
    expect(refused).toBeInstanceOf(HostKeyError)
    expect(refused).toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      message: expect.stringMatching(/^The jump host bastion shows/),
      presented: { of: 'the jump host bastion', line: bastion.knownHostsLine },
    })
    await trust.add(refused.presented.line)
    await reach('lab')
  })

  it('stops at a changed key of a jump host, before anything is offered to it or asked of it', async () => {
    const bastion = await start('bastion')
    const dom0 = await start('lab', ['ProxyJump bastion'])
    const file = join(home, '.ssh', 'known_hosts')
    const [, ...key] = dom0.knownHostsLine.split(' ')
    writeFileSync(file, `${knownHostsName('127.0.0.1', bastion.port)} ${key.join(' ')}\n`)
    await expect(reach('lab')).rejects.toMatchObject({
      code: 'HOST_KEY_CHANGED',
      message: expect.stringMatching(/^The jump host bastion .*known_hosts/),
    })
    expect([logins(bastion), logins(dom0)]).toEqual([0, 0])
  })

  it('names the jump host that refuses the login', async () => {
    await start('bastion')
    const dom0 = await start('lab', ['ProxyJump bastion'])
    for (const end of ['', '.pub']) cpSync(`${dom0.keyPath}${end}`, join(home, '.ssh', `key-bastion${end}`))
    await expect(reach('lab')).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringMatching(/^The jump host bastion does not let .* in/),
    })
  })

  it.each([
    ['AllowTcpForwarding no', 'FORWARDING_REFUSED', /^The jump host bastion does not forward connections to 127\.0\.0\.1:\d+/],
    ['PermitOpen 127.0.0.1:1', 'FORWARDING_REFUSED', /^The jump host bastion does not forward/],
  ])('says that a jump host forwards nothing (%s)', async (setting, code, message) => {
    await start('bastion', [], [setting])
    await start('lab', ['ProxyJump bastion'])
    await expect(reach('lab')).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      problem: { hint: expect.stringContaining('AllowTcpForwarding') },
    })
  })

  it('says what a jump host says of a host that it cannot reach', async () => {
    await start('bastion')
    await expect(reach({ name: 'dom0', address: '127.0.0.1', port: 1, jump: 'bastion' })).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: 'dom0 refuses connections from the jump host bastion at 127.0.0.1:1.',
    })
    await expect(reach({ name: 'dom0', address: 'dom0.invalid', jump: 'bastion' })).rejects.toMatchObject({
      code: 'DNS_FAILED',
      message: expect.stringMatching(/^The jump host bastion does not find dom0\.invalid:22/),
    })
  })

  it('says so when a jump host dies while a console streams: every host behind it is lost with it', async () => {
    const bastion = await start('bastion')
    await start('lab', ['ProxyJump bastion'])
    await start('other', ['ProxyJump bastion'])
    const [lab, other] = [await reach('lab'), await reach({ name: 'dom1', address: 'other' })]
    const console = await lab.stream(['sh', '-c', 'while :; do echo line; done'])
    let bytes = 0
    console.onStdout((chunk) => {
      bytes += chunk.length
    })
    await until(() => expect(bytes).toBeGreaterThan(100_000))
    const lost = vi.fn()
    lab.onLost(lost)
    other.onLost(lost)
    await bastion.stop()
    await expect(console.exited).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await until(() => expect(lost).toHaveBeenCalledTimes(2))
    expect(lab.lost?.detail).toMatch(
      /^Without the jump host bastion, dom0 is out of reach\. The connection to the jump host bastion was lost/,
    )
    expect(other.lost?.detail).toMatch(/^Without the jump host bastion, dom1 is out of reach/)
    expect(jumps.size).toBe(0)
  })

  it('lets go of a jump host that a probe finds dead, with all hosts behind it; the next dial makes another', async () => {
    const bastion = await start('bastion')
    const cable = await layCable(bastion.port)
    cleanUp.push(cable.remove)
    trust.pin('127.0.0.1', cable.port, bastion.hostKey)
    const key = '  IdentityFile ~/.ssh/key-bastion'
    write('Host far-bastion', '  HostName 127.0.0.1', `  Port ${cable.port}`, `  User ${bastion.user}`, key)
    await start('lab', ['ProxyJump far-bastion'])
    const link = await reach('lab')
    await jumps.probe(5_000)
    expect([jumps.size, link.lost]).toEqual([1, undefined])
    cable.freeze()
    await Promise.all([jumps.probe(200), link.probe(60_000)])
    expect(link.lost?.detail).toContain('Without the jump host far-bastion, dom0 is out of reach.')
    expect(jumps.size).toBe(0)
    expect(await answer(await reach('lab'))).not.toBe('')
  })

  it('gives up when told to, and leaves no connection', async () => {
    const bastion = await start('bastion')
    await start('lab', ['ProxyJump bastion'])
    const stop = new AbortController()
    const reason = new Error('never mind')
    const onPhase: DialOptions['onPhase'] = (phase, jump) => phase === 'auth' && jump === 'bastion' && stop.abort(reason)
    await expect(reach('lab', { signal: stop.signal, onPhase })).rejects.toBe(reason)
    expect(jumps.size).toBe(0)
    await until(() => expect(bastion.log()).toMatch(/closed|reset|disconnect/i))
  })

  it('goes on for the second who waits for a jump host when the first, who was asked for its passphrase, gives up', async () => {
    const bastion = await start('bastion')
    await start('lab', ['ProxyJump bastion'])
    const key = join(home, '.ssh', 'key-bastion')
    execFileSync('ssh-keygen', ['-q', '-p', '-N', 'open sesame', '-f', key])
    const stop = new AbortController()
    const reason = new Error('never mind')
    let second: Promise<Link> | undefined
    const first: Answers = {
      ...person(),
      ask: () => {
        second = reach('lab', { answers: person(['open sesame']) })
        return new Promise((_resolve, reject) => stop.signal.addEventListener('abort', () => reject(reason)))
      },
    }
    const given = reach('lab', { answers: first, signal: stop.signal })
    await until(() => expect(second).toBeDefined())
    // Once the second waits for the same link as the first.
    await new Promise((resolve) => setImmediate(resolve))
    stop.abort(reason)
    await expect(given).rejects.toBe(reason)
    expect(await answer((await second) as Link)).not.toBe('')
    expect(logins(bastion)).toBe(1)
  })

  it('takes a key of the agent by its public half, and no other of the agent with IdentitiesOnly', async () => {
    const sshd = await start('lab')
    const agentSocket = join(home, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' })
    cleanUp.push(() => agent.kill())
    const environment = { ...process.env, SSH_AUTH_SOCK: agentSocket }
    const load = (key: string) => execFileSync('ssh-add', ['-q', key], { env: environment, stdio: 'ignore' })
    for (let count = 0; count < 7; count++) {
      const other = join(home, `other${count}`)
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other])
      await until(() => load(other))
    }
    load(sshd.keyPath)
    const key = join(home, '.ssh', 'key-lab')
    rmSync(key)
    expect(await answer(await reach('lab', { agentSocket }))).not.toBe('')
    // The socket of the file wins; `none` is no agent at all.
    writeFileSync(
      join(home, '.ssh', 'config'),
      readFileSync(join(home, '.ssh', 'config'), 'utf8').replace('key-lab', 'key-lab.pub'),
    )
    write('Host lab', `  IdentityAgent ${agentSocket}`)
    expect(await answer(await reach('lab'))).not.toBe('')
    write(
      'Host other',
      '  HostName 127.0.0.1',
      `  Port ${sshd.port}`,
      `  User ${sshd.user}`,
      '  IdentityAgent none',
      '  IdentityFile ~/.ssh/key-lab',
    )
    await expect(reach('other', { agentSocket })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringMatching(/was offered no key.*key-lab, which your SSH configuration names, does not exist/s),
    })
  })

  it('knows a host by its HostKeyAlias', async () => {
    const sshd = await start('lab', ['HostKeyAlias the-lab'])
    const key = sshd.knownHostsLine.split(' ').slice(1).join(' ')
    writeFileSync(join(home, '.ssh', 'known_hosts'), '')
    const refused = (await reach('lab').catch((error: unknown) => error)) as HostKeyError
    expect(refused.presented.line).toBe(`the-lab ${key}`)
    writeFileSync(join(home, '.ssh', 'known_hosts'), `the-lab ${key}\n`)
    await reach('lab')
  })

  it('says that a certificate authority is known, and that it cannot check certificates', async () => {
    const sshd = await start('lab')
    writeFileSync(join(home, '.ssh', 'known_hosts'), `@cert-authority ${sshd.knownHostsLine}\n`)
    await expect(reach('lab')).rejects.toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      message: expect.stringMatching(/Line 1 of .*known_hosts trusts a certificate authority.*cannot check host certificates/),
    })
  })

  it('keeps its promise of one login each under thirty consoles of one host', async () => {
    const bastion = await start('bastion')
    await start('lab', ['ProxyJump bastion'])
    const pool = await openPool({ name: 'dom0', address: 'lab' }, options())
    cleanUp.push(() => pool.close())
    const consoles = await Promise.all(Array.from({ length: 30 }, () => pool.stream(['cat'])))
    expect(consoles).toHaveLength(30)
    expect(logins(bastion)).toBe(1)
  })

  it('never writes a file of the person', async () => {
    const bastion = await start('bastion')
    await start('lab', ['ProxyJump bastion'])
    writeFileSync(join(home, '.ssh', 'known_hosts'), '')
    const state = () =>
      readdirSync(join(home, '.ssh')).map((name) => [
        name,
        readFileSync(join(home, '.ssh', name), 'utf8'),
        statSync(join(home, '.ssh', name)).mtimeMs,
      ])
    const before = state()
    for (let tries = 0; tries < 2; tries++) {
      const refused = (await reach('lab').catch((error: unknown) => error)) as HostKeyError
      await trust.add(refused.presented.line)
    }
    await reach('lab')
    expect(state()).toEqual(before)
    expect(readFileSync(join(home, 'own'), 'utf8')).toContain(bastion.knownHostsLine)
  })
})
