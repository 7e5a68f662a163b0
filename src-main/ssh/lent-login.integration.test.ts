import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { dial } from './dial'
import { LentLogin, type OwnLogin } from './lent-login'
import { lentSsh } from './lent-ssh'
import { type Person, person } from './testing/person'
import { haveAccounts, haveSshd, startSshd, type TestSshd } from './testing/sshd'
import { createTrustStore } from './trust'

const cleanUp: (() => unknown)[] = []
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-lent-'))
})
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
  rmSync(folder, { recursive: true, force: true })
})

type Ended = { stdout: string; stderr: string; exitCode: number }
const run = (argv: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const [program = '', ...rest] = argv
    const env = { PATH: process.env.PATH, HOME: folder }
    const child = execFile(program, rest, { env, timeout: 30_000 }, (_error, stdout, stderr) =>
      resolve({ stdout, stderr, exitCode: child.exitCode ?? -1 }),
    )
    child.stdin?.end()
  })

/** Domdeck's link to a server, with the key of its test HOME, or of an agent. */
async function linkTo(sshd: TestSshd, options: { agentSocket?: string; lends?: LentLogin; answers?: Person } = {}) {
  const trust = createTrustStore({ homeDir: sshd.homeDir, ownFile: join(sshd.homeDir, 'own') })
  trust.pin('127.0.0.1', sshd.port, sshd.hostKey)
  const target = { name: 'dom0', address: '127.0.0.1', port: sshd.port, user: sshd.user }
  const homeDir = options.agentSocket === undefined ? sshd.homeDir : folder
  const link = await dial(target, { trust, homeDir, agentSocket: undefined, ...options })
  cleanUp.push(() => link.close())
  return link
}

async function ownLoginOn(sshd: TestSshd): Promise<OwnLogin> {
  const { ownLogin } = await linkTo(sshd)
  if (!ownLogin) throw new Error('It was not by a key alone.')
  return ownLogin
}

describe.skipIf(!haveSshd)('a lent login, with the clients of OpenSSH', () => {
  let sshd: TestSshd
  let other: TestSshd
  beforeAll(async () => {
    ;[sshd, other] = await Promise.all([
      startSshd({ hostKeyTypes: ['ed25519', 'rsa'] }),
      startSshd({ config: ['PubkeyAuthOptions none'], hostKeyTypes: ['ecdsa'] }),
    ])
  })
  afterAll(() => Promise.all([sshd?.stop(), other?.stop()]))

  /** The agent at a socket of this machine. */
  async function serve(lent: LentLogin): Promise<string> {
    const socket = join(folder, 'socket')
    const server: Server = createServer((client) => {
      const agent = lent.open()
      client.on('error', () => undefined)
      client.pipe(agent).pipe(client)
    })
    await new Promise<void>((resolve) => server.listen(socket, resolve))
    cleanUp.push(() => server.close())
    return socket
  }

  it('logs in once, and not a second time', async () => {
    for (const server of [sshd, other]) {
      const login = await ownLoginOn(server)
      const lent = new LentLogin(login)
      const socket = await serve(lent)
      const command = lentSsh(login, login, socket, ['printf', '%s', 'a  b'])
      expect(await run(command)).toEqual({ stdout: 'a  b', stderr: '', exitCode: 0 })
      const again = await run(command)
      expect(again.stderr).toContain('Permission denied (publickey)')
      expect(again.exitCode).toBe(255)
      expect(lent.refusal).toBe('it had been used already')
      rmSync(socket)
    }
  })

  it('logs in nowhere else, where the same key is let in: not to another host, not as another user', async () => {
    const login = await ownLoginOn(sshd)
    // The key of one server, lent for the other.
    for (const elsewhere of [
      { ...login, hostKey: other.hostKey },
      { ...login, user: 'nobody-else' },
    ]) {
      const lent = new LentLogin(elsewhere)
      const socket = await serve(lent)
      const ended = await run(lentSsh(login, login, socket, ['true']))
      expect(ended).toMatchObject({ stderr: expect.stringContaining('Permission denied'), exitCode: 255 })
      expect(lent.refusal).toMatch(/^another (host|user) was to be logged in/)
      rmSync(socket)
    }
  })

  it('goes no further when another host answers', async () => {
    const login = await ownLoginOn(sshd)
    const lent = new LentLogin(login)
    const ended = await run(lentSsh(login, { address: '127.0.0.1', port: other.port }, await serve(lent), ['true']))
    expect(ended).toMatchObject({ stderr: expect.stringContaining('Host key verification failed'), exitCode: 255 })
    expect(lent.refusal).toBeUndefined()
  })

  it('shows its key to ssh-add, and signs, adds, removes and locks nothing for it', async () => {
    const login = await ownLoginOn(sshd)
    const socket = await serve(new LentLogin(login))
    const add = (...argv: string[]) => run(['env', `SSH_AUTH_SOCK=${socket}`, ...argv])
    expect((await add('ssh-add', '-L')).stdout).toContain(login.publicKey.toString('base64'))
    expect((await add('ssh-add', sshd.keyPath)).exitCode).not.toBe(0)
    expect((await add('ssh-add', '-D')).exitCode).not.toBe(0)
    expect((await add('ssh-add', '-T', `${sshd.keyPath}.pub`)).exitCode).not.toBe(0)
    const signed = await add('ssh-keygen', '-Y', 'sign', '-n', 'file', '-f', `${sshd.keyPath}.pub`, '/etc/passwd')
    expect(signed.exitCode).not.toBe(0)
  })

  it('is used by a program of another host, whose own login is by another key', async () => {
    const login = await ownLoginOn(sshd)
    const lent = new LentLogin(login)
    const link = await linkTo(other, { lends: lent })
    const socket = (await link.run(['sh', '-c', 'echo "$SSH_AUTH_SOCK"'])).stdout.toString().trim()
    const command = lentSsh(login, login, socket, ['sh', '-c', 'cat; echo "$0"', "it's $(reboot)"])
    const { stdout, stderr, exitCode } = await link.run(command, { stdin: 'through\n' })
    expect({ stdout: stdout.toString(), stderr: stderr.toString(), exitCode }).toEqual({
      stdout: "through\nit's $(reboot)\n",
      stderr: '',
      exitCode: 0,
    })
    expect((await link.run(command)).exitCode).toBe(255)
  })

  it('is refused where sshd forwards no agent', async () => {
    const strict = await startSshd({ config: ['AllowAgentForwarding no'] })
    cleanUp.push(() => strict.stop())
    const link = await linkTo(strict, { lends: new LentLogin(await ownLoginOn(sshd)) })
    await expect(link.run(['true'])).rejects.toMatchObject({ code: 'FORWARDING_REFUSED' })
  })
})

describe.skipIf(!haveSshd)('Domdeck can lend', () => {
  it.each(['ed25519', 'ecdsa', 'rsa'] as const)('the login by a key that an agent holds (%s)', async (type) => {
    const sshd = await startSshd({ clientKeyType: type })
    cleanUp.push(() => sshd.stop())
    const socket = join(folder, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    cleanUp.push(() => agent.kill())
    const env = { ...process.env, SSH_AUTH_SOCK: socket }
    await vi.waitFor(() => execFileSync('ssh-add', ['-q', sshd.keyPath], { env, stdio: 'ignore' }), { timeout: 15_000 })
    const { ownLogin } = await linkTo(sshd, { agentSocket: socket })
    if (!ownLogin) throw new Error('It was not by a key alone.')
    const link = await linkTo(sshd, { lends: new LentLogin(ownLogin) })
    const forwarded = (await link.run(['sh', '-c', 'echo "$SSH_AUTH_SOCK"'])).stdout.toString().trim()
    expect(await link.run(lentSsh(ownLogin, ownLogin, forwarded, ['true']))).toMatchObject({ exitCode: 0 })
  })

  it('the login by a key behind a passphrase, once that was given', async () => {
    const sshd = await startSshd()
    cleanUp.push(() => sshd.stop())
    execFileSync('ssh-keygen', ['-q', '-p', '-N', 'a passphrase', '-f', sshd.keyPath])
    const { ownLogin } = await linkTo(sshd, { answers: person(['a passphrase']) })
    if (!ownLogin) throw new Error('It was not by a key alone.')
    const lends = new LentLogin(ownLogin)
    const link = await linkTo(sshd, { lends, answers: person(['a passphrase']) })
    const forwarded = (await link.run(['sh', '-c', 'echo "$SSH_AUTH_SOCK"'])).stdout.toString().trim()
    expect(await link.run(lentSsh(ownLogin, ownLogin, forwarded, ['true']))).toMatchObject({ exitCode: 0 })
  })

  it.skipIf(!haveAccounts).each(['password', 'publickey,password'])('no login by %s', async (methods) => {
    const account = { name: 'ada', password: 'open sesame' }
    const config = ['PasswordAuthentication yes', `AuthenticationMethods ${methods}`]
    const sshd = await startSshd({ account, config })
    cleanUp.push(() => sshd.stop())
    expect((await linkTo(sshd, { answers: person([account.password]) })).ownLogin).toBeUndefined()
  })
})
