import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { dial } from './dial'
import type { Link } from './link'
import { haveSshd, startSshd, type TestSshd } from './testing/sshd'
import { createTrustStore } from './trust'

/** Two busy cores may need more than vitest's one second. */
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000 })

const makeKey = (path: string, passphrase = '', ...more: string[]) =>
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', `key ${path.split('/').pop()}`, '-f', path, ...more])

describe.skipIf(!haveSshd)('logging in to a real sshd', () => {
  let sshd: TestSshd
  let home: string
  const links: Link[] = []
  const agents: (() => void)[] = []

  beforeAll(async () => {
    sshd = await startSshd({ hostKeyTypes: ['ed25519', 'rsa'] })
  })
  afterAll(() => sshd?.stop())
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'domdeck-home-'))
    execFileSync('mkdir', ['-m', '700', join(home, '.ssh')])
  })
  afterEach(() => {
    for (const link of links.splice(0)) link.close()
    for (const stop of agents.splice(0)) stop()
    rmSync(home, { recursive: true, force: true })
  })

  const ssh = (name: string) => join(home, '.ssh', name)
  const giveKey = (name: string) => {
    for (const end of ['', '.pub']) cpSync(`${sshd.keyPath}${end}`, `${ssh(name)}${end}`)
  }
  const login = async ({ keyPath, agentSocket }: { keyPath?: string; agentSocket?: string } = {}) => {
    const trust = createTrustStore({ homeDir: home, ownFile: ssh('own') })
    trust.pin('127.0.0.1', sshd.port, sshd.hostKey)
    const target = { name: 'dom0', address: '127.0.0.1', port: sshd.port, user: sshd.user, keyPath }
    const link = await dial(target, { trust, homeDir: home, agentSocket })
    links.push(link)
    return link
  }
  const startAgent = async (...keys: string[]) => {
    const agentSocket = ssh('agent')
    const agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' })
    agents.push(() => agent.kill())
    await until(() => execFileSync('ssh-add', ['-D'], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket }, stdio: 'ignore' }))
    for (const key of keys)
      execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket }, stdio: 'ignore' })
    return agentSocket
  }
  /** How often sshd saw a login fail since `from`, whatever the key. */
  const failures = (from: number) =>
    sshd
      .log()
      .slice(from)
      .match(/^Failed publickey/gm)?.length ?? 0

  it('takes a default key', async () => {
    giveKey('id_ed25519')
    expect((await (await login()).run(['echo', 'in'])).stdout.toString()).toBe('in\n')
  })

  it('takes the key it is given, from a path with ~', async () => {
    giveKey('special')
    expect((await login({ keyPath: '~/.ssh/special' })).lost).toBeUndefined()
  })

  it('takes a key of the agent, and an encrypted file that the agent holds', async () => {
    giveKey('id_ed25519')
    const agentSocket = await startAgent(ssh('id_ed25519'))
    execFileSync('ssh-keygen', ['-q', '-p', '-N', 'a passphrase', '-f', ssh('id_ed25519')])
    rmSync(ssh('id_ed25519.pub'))
    expect((await login({ agentSocket })).lost).toBeUndefined()
    expect((await login({ agentSocket, keyPath: ssh('id_ed25519') })).lost).toBeUndefined()
  })

  it('tries the key it is given before the many others of an agent, which would use up MaxAuthTries', async () => {
    const others = Array.from({ length: 7 }, (_, index) => ssh(`other${index}`))
    for (const other of others) makeKey(other)
    giveKey('mine')
    const agentSocket = await startAgent(...others, ssh('mine'))
    const from = sshd.log().length
    expect((await login({ agentSocket, keyPath: ssh('mine') })).lost).toBeUndefined()
    expect(failures(from)).toBe(0)
    await expect(login({ agentSocket })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      problem: { hint: expect.stringContaining('MaxAuthTries') },
    })
  })

  it('offers a key once even when it is in the agent and in ~/.ssh, and lists what it tried', async () => {
    makeKey(ssh('id_ed25519'))
    const agentSocket = await startAgent(ssh('id_ed25519'))
    const refused = await login({ agentSocket }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'AUTH_FAILED', message: expect.stringContaining('key id_ed25519') })
    expect((refused as Error).message.match(/id_ed25519/g)).toHaveLength(1)
    expect((refused as Error).message).toContain('accepts: publickey')
  })

  it('names an encrypted key that nothing can open, and what to do', async () => {
    makeKey(ssh('id_ed25519'), 'a passphrase')
    await expect(login()).rejects.toMatchObject({
      code: 'KEY_UNREADABLE',
      message: expect.stringContaining(ssh('id_ed25519')),
      problem: { hint: expect.stringContaining('ssh-add') },
    })
  })

  it('names a key it was given that does not exist', async () => {
    await expect(login({ keyPath: '~/.ssh/nowhere' })).rejects.toMatchObject({
      code: 'KEY_UNREADABLE',
      message: expect.stringContaining(`${ssh('nowhere')} does not exist`),
      problem: { hint: expect.stringContaining('path') },
    })
  })

  it('goes on with another key when one is encrypted', async () => {
    makeKey(ssh('id_rsa'), 'a passphrase')
    giveKey('id_ed25519')
    expect((await login()).lost).toBeUndefined()
  })

  it('goes on without an agent whose socket is dead', async () => {
    giveKey('id_ed25519')
    expect((await login({ agentSocket: ssh('no-such-agent') })).lost).toBeUndefined()
  })

  it('says so when there is no key at all, and what the host would take', async () => {
    await expect(login()).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringMatching(/no key.*accepts: publickey/s),
    })
  })

  it('asks for the type of host key that is known, so that a trusted host is not met as unknown', async () => {
    giveKey('id_ed25519')
    const scanned = execFileSync('ssh-keyscan', ['-p', String(sshd.port), '-t', 'rsa', '127.0.0.1'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const trust = createTrustStore({ homeDir: home, ownFile: ssh('own') })
    await trust.add(scanned.toString().trim())
    const link = await dial(
      { address: '127.0.0.1', port: sshd.port, user: sshd.user },
      { trust, homeDir: home, agentSocket: undefined },
    )
    links.push(link)
    expect(link.negotiated?.hostKey).toBe('rsa-sha2-512')
  })
})
