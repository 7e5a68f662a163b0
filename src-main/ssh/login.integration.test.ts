import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuthContext } from 'ssh2'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DialOptions, dial } from './dial'
import { openPool } from './pool'
import { startFaultServer } from './testing/fault-server'
import { type Person, person } from './testing/person'
import { haveAccounts, haveSshd, startSshd, type TestSshd } from './testing/sshd'
import { createTrustStore } from './trust'

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000 })

const cleanUp: (() => unknown)[] = []
let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'domdeck-home-'))
  mkdirSync(ssh(''), { mode: 0o700 })
})
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
  rmSync(home, { recursive: true, force: true })
})

const ssh = (name: string) => join(home, '.ssh', name)
const keygen = (...args: string[]) => execFileSync('ssh-keygen', ['-q', ...args], { stdio: 'ignore' })

/** The key that the server accepts, under this name, behind this passphrase. */
const giveKey = (sshd: TestSshd, name: string, passphrase: string) => {
  cpSync(sshd.keyPath, ssh(name))
  keygen('-p', '-N', passphrase, '-f', ssh(name))
}

type Way = { keyPath?: string; agentSocket?: string | undefined }

function reach(
  server: { port: number; hostKey: Buffer },
  user: string,
  answers: Person | undefined,
  { keyPath, agentSocket }: Way = {},
) {
  const trust = createTrustStore({ homeDir: home, ownFile: ssh('own') })
  trust.pin('127.0.0.1', server.port, server.hostKey)
  const options: DialOptions = { trust, homeDir: home, agentSocket, ...(answers ? { answers } : {}) }
  return { target: { name: 'dom0', address: '127.0.0.1', port: server.port, user, keyPath }, options }
}

async function login(sshd: TestSshd, answers: Person | undefined, way?: Way) {
  const { target, options } = reach(sshd, sshd.user, answers, way)
  const link = await dial(target, options)
  cleanUp.push(() => link.close())
  return link
}

async function startAgent(...keys: string[]): Promise<string> {
  const socket = ssh('agent')
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
  cleanUp.push(() => agent.kill())
  const env = { ...process.env, SSH_AUTH_SOCK: socket }
  await until(() => execFileSync('ssh-add', ['-D'], { env, stdio: 'ignore' }))
  for (const key of keys) execFileSync('ssh-add', ['-q', key], { env, stdio: 'ignore' })
  return socket
}

/** Failed attempts and logins that sshd wrote down since `from`. */
const counted = (sshd: TestSshd, from = 0) => {
  const log = sshd.log().slice(from)
  const count = (pattern: RegExp) => log.match(pattern)?.length ?? 0
  return { accepted: count(/^Accepted (?!key )/gm), partial: count(/^Partial /gm), failed: count(/^Failed (?!none)/gm) }
}

describe.skipIf(!haveSshd)('a key with a passphrase, at a real sshd', () => {
  let sshd: TestSshd
  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd?.stop())

  it('is opened by the right passphrase, once for all logins to come', async () => {
    giveKey(sshd, 'id_ed25519', 'open sesame')
    const ada = person(['open sesame'])
    const files = readdirSync(ssh(''))
    await login(sshd, ada)
    await login(sshd, ada)
    expect(ada.asked).toMatchObject([{ kind: 'passphrase', attempt: 1, title: `Passphrase of ${ssh('id_ed25519')}` }])
    expect(readdirSync(ssh(''))).toEqual(files)
  })

  it('is asked for again after a wrong one, saying so, and no attempt is made with it', async () => {
    giveKey(sshd, 'id_ed25519', 'open sesame')
    const from = sshd.log().length
    const ada = person(['wrong'], ['open sesame'])
    await login(sshd, ada)
    expect(ada.asked).toMatchObject([{ attempt: 1 }, { attempt: 2, problem: 'This passphrase does not open the key.' }])
    await until(() => expect(counted(sshd, from)).toEqual({ accepted: 1, partial: 0, failed: 0 }))
  })

  it('ends the login after three wrong ones, without a word of what was typed', async () => {
    giveKey(sshd, 'id_ed25519', 'open sesame')
    const refused = await login(sshd, person(['hunter2'], ['hunter3'], ['hunter4'])).catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: 'KEY_UNREADABLE',
      message: `None of 3 passphrases opened the key ${ssh('id_ed25519')}.`,
      problem: { hint: expect.stringContaining('ssh-add') },
    })
    expect(JSON.stringify((refused as { problem: unknown }).problem)).not.toContain('hunter')
  })

  it('is left out for an empty answer, and the host says what else it takes', async () => {
    giveKey(sshd, 'id_ed25519', 'open sesame')
    await expect(login(sshd, person(['']))).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringContaining('accepts: publickey'),
    })
  })

  it('is not asked for where a plain key or the agent does it, nor for a key that the host refuses', async () => {
    giveKey(sshd, 'id_ed25519', 'open sesame')
    cpSync(sshd.keyPath, ssh('id_ecdsa'))
    await login(sshd, person())
    const agentSocket = await startAgent(sshd.keyPath)
    rmSync(ssh('id_ecdsa'))
    await login(sshd, person(), { agentSocket })
    keygen('-t', 'ed25519', '-N', 'a stranger', '-f', ssh('stranger'))
    renameSync(ssh('stranger'), ssh('id_ed25519'))
    await expect(login(sshd, person())).rejects.toMatchObject({ code: 'AUTH_FAILED' })
  })

  it('is asked for at once when it is the key that the host is set to use', async () => {
    giveKey(sshd, 'mine', 'open sesame')
    cpSync(sshd.keyPath, ssh('id_ed25519'))
    const ada = person(['open sesame'])
    await login(sshd, ada, { keyPath: '~/.ssh/mine' })
    expect(ada.asked).toHaveLength(1)
  })

  it.each([
    ['rsa', 'PEM'],
    ['ecdsa', 'PEM'],
    ['rsa', 'PKCS8'],
    ['ecdsa', 'PKCS8'],
  ])('may be %s as %s, with and without its public half beside it', async (type, format) => {
    keygen('-t', type, '-m', format, '-N', 'open sesame', '-f', ssh('pem'))
    const other = await startSshd()
    cleanUp.push(() => other.stop())
    writeFileSync(join(other.homeDir, '../authorized_keys'), readFileSync(ssh('pem.pub')))
    await login(other, person(['open sesame']), { keyPath: ssh('pem') })
    rmSync(ssh('pem.pub'))
    await login(other, person(['wrong'], ['open sesame']), { keyPath: ssh('pem') })
    keygen('-p', '-m', format, '-P', 'open sesame', '-N', '', '-f', ssh('pem'))
    await login(other, person(), { keyPath: ssh('pem') })
  })

  it('names the certificate that would let it in, which only OpenSSH itself can present', async () => {
    keygen('-t', 'ed25519', '-N', '', '-f', ssh('ca'))
    keygen('-t', 'ed25519', '-N', '', '-f', ssh('id_ed25519'))
    const trusting = await startSshd({ config: [`TrustedUserCAKeys ${ssh('ca')}.pub`] })
    cleanUp.push(() => trusting.stop())
    keygen('-s', ssh('ca'), '-I', 'ada', '-n', trusting.user, ssh('id_ed25519.pub'))
    const byOpenSsh = ['-F', 'none', '-i', ssh('id_ed25519'), '-p', String(trusting.port), '-o', 'BatchMode=yes']
    const noTrust = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR']
    const { user } = trusting
    expect(execFileSync('ssh', [...byOpenSsh, ...noTrust, `${user}@127.0.0.1`, 'echo', 'in']).toString()).toBe('in\n')

    const agentSocket = await startAgent(ssh('id_ed25519'))
    for (const way of [{}, { agentSocket }]) {
      await expect(login(trusting, undefined, way)).rejects.toMatchObject({
        code: 'AUTH_FAILED',
        message: expect.stringContaining(
          `${ssh('id_ed25519')}-cert.pub; Domdeck cannot present certificates, nor use those of an agent`,
        ),
      })
    }
  })
})

describe.skipIf(!haveAccounts)('passwords of a real account, by PAM, at a real sshd', () => {
  const account = { name: 'ada', password: 'open sesame' }
  const start = async (...config: string[]) => {
    const sshd = await startSshd({ account, config })
    cleanUp.push(() => sshd.stop())
    return sshd
  }

  it.each([
    ['password', ['PasswordAuthentication yes']],
    ['keyboard-interactive', ['KbdInteractiveAuthentication yes']],
    ['both', ['PasswordAuthentication yes', 'KbdInteractiveAuthentication yes']],
  ])('by %s: right, wrong then right, and wrong thrice', async (_way, config) => {
    const sshd = await start(...config)
    const ada = person(['open sesame'])
    await login(sshd, ada)
    await login(sshd, ada)
    expect(ada.asked).toMatchObject([{ kind: 'password', attempt: 1, title: 'Password of ada on dom0' }])
    await until(() => expect(counted(sshd)).toMatchObject({ accepted: 2, failed: 0 }))

    const slow = person(['hunter2'], ['open sesame'])
    await login(sshd, slow)
    expect(slow.asked).toMatchObject([{ attempt: 1 }, { attempt: 2, problem: 'dom0 refused this.' }])

    const mallory = person(['hunter2'], ['hunter3'], ['hunter4'])
    const refused = await login(sshd, mallory).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'AUTH_FAILED', message: 'dom0 does not let ada in: it refused the passwords.' })
    expect(JSON.stringify((refused as { problem: unknown }).problem)).not.toContain('hunter')
    expect(mallory.asked).toHaveLength(3)
  })

  it.each(['keyboard-interactive', 'password'])('after a key, as AuthenticationMethods publickey,%s wants it', async (second) => {
    const sshd = await start(
      'PasswordAuthentication yes',
      'KbdInteractiveAuthentication yes',
      `AuthenticationMethods publickey,${second}`,
    )
    cpSync(sshd.keyPath, ssh('id_ed25519'))
    await login(sshd, person(['open sesame']))
    await until(() => expect(counted(sshd)).toMatchObject({ accepted: 1, partial: 1, failed: 0 }))

    rmSync(ssh('id_ed25519'))
    const agentSocket = await startAgent(sshd.keyPath)
    await login(sshd, person(['open sesame']), { agentSocket })

    giveKey(sshd, 'id_ed25519', 'a passphrase')
    const ada = person(['a passphrase'], ['open sesame'])
    await login(sshd, ada)
    expect(ada.asked.map(({ kind }) => kind)).toEqual(['passphrase', 'password'])
  })

  it('is asked for again when the one remembered is refused', async () => {
    const sshd = await start('PasswordAuthentication yes')
    const ada = person(['open sesame'], ['open sesame'])
    await login(sshd, ada)
    const { port } = sshd
    await sshd.stop()
    const changed = await startSshd({
      port,
      account: { ...account, password: 'another' },
      config: ['PasswordAuthentication yes'],
    })
    cleanUp.push(() => changed.stop())
    await expect(login(changed, ada)).rejects.toThrow('nobody answers')
    expect(ada.asked[1]).toMatchObject({ attempt: 1, problem: 'dom0 refused this.' })
  })

  it('is given by itself to further connections: asked once for 30 programs', async () => {
    const sshd = await start('PasswordAuthentication yes')
    const ada = person(['open sesame'])
    const { target, options } = reach(sshd, sshd.user, ada)
    const pool = await openPool(target, options)
    cleanUp.push(() => pool.close())
    await Promise.all(Array.from({ length: 8 }, () => pool.stream(['cat'])))
    await until(() => expect(counted(sshd).accepted).toBe(1))
    await Promise.all(Array.from({ length: 22 }, () => pool.stream(['cat'])))
    await until(() => expect(counted(sshd)).toMatchObject({ accepted: 4, failed: 0 }))
    expect(ada.asked).toHaveLength(1)
  })
})

/** A host that wants a password and then a code that serves once, in two rounds. */
const twoFactor = (code: () => string) => (attempt: AuthContext) => {
  if (attempt.method !== 'keyboard-interactive') return attempt.reject(['keyboard-interactive'])
  attempt.prompt([{ prompt: 'Password: ', echo: false }], 'dom0', '', ([password]) => {
    attempt.prompt([{ prompt: 'Verification\u0007 code: ', echo: true }], 'dom0', 'Look at your phone.', ([given]) => {
      if (password === 'open sesame' && given === code()) attempt.accept()
      else attempt.reject(['keyboard-interactive'])
    })
  })
}

describe('a code that serves once', () => {
  it('is asked for after the password, in the words of the host; only the password is remembered', async () => {
    const server = await startFaultServer({ onAuthentication: twoFactor(() => '123') })
    cleanUp.push(() => server.stop())
    const ada = person(['open sesame'], ['123'], ['123'])
    const { target, options } = reach(server, 'ada', ada)
    for (let round = 0; round < 2; round++) {
      const link = await dial(target, options)
      cleanUp.push(() => link.close())
    }
    expect(ada.asked).toMatchObject([
      { kind: 'password' },
      { kind: 'prompts', instruction: 'dom0\nLook at your phone.', fields: [{ prompt: 'Verification  code:', echo: true }] },
      { kind: 'prompts' },
    ])
    expect(ada.asked[1]).not.toHaveProperty('secret')
  })

  it('starts from the password again when it is wrong', async () => {
    const server = await startFaultServer({ onAuthentication: twoFactor(() => '123') })
    cleanUp.push(() => server.stop())
    const ada = person(['open sesame'], ['122'], ['open sesame'], ['123'])
    const { target, options } = reach(server, 'ada', ada)
    const link = await dial(target, options)
    cleanUp.push(() => link.close())
    expect(ada.asked.map(({ kind, attempt }) => `${kind} ${attempt}`)).toEqual([
      'password 1',
      'prompts 1',
      'password 2',
      'prompts 2',
    ])
  })

  it.each([
    ['Password: ', 'password'],
    ['(ada@dom0) Password:', 'password'],
    ["ada@dom0's password:", 'password'],
    ['One-time password: ', 'prompts'],
    ['New password: ', 'prompts'],
    ['Password (again): ', 'prompts'],
  ])('is told from a password by its words: %j is for %s', async (prompt, kind) => {
    const server = await startFaultServer({
      onAuthentication: (attempt) => {
        if (attempt.method === 'keyboard-interactive') attempt.prompt([{ prompt, echo: false }], '', '', () => attempt.accept())
        else attempt.reject(['keyboard-interactive'])
      },
    })
    cleanUp.push(() => server.stop())
    const ada = person(['x'])
    const { target, options } = reach(server, 'ada', ada)
    const link = await dial(target, options)
    cleanUp.push(() => link.close())
    expect(ada.asked).toMatchObject([{ kind }])
  })

  it('is never the password that was given a round before', async () => {
    const server = await startFaultServer({
      onAuthentication: (attempt) => {
        if (attempt.method !== 'keyboard-interactive') return attempt.reject(['keyboard-interactive'])
        const prompt = [{ prompt: 'Password: ', echo: false }]
        attempt.prompt(prompt, '', '', () => attempt.prompt(prompt, '', '', () => attempt.accept()))
      },
    })
    cleanUp.push(() => server.stop())
    const ada = person(['first'], ['second'])
    const { target, options } = reach(server, 'ada', ada)
    const link = await dial(target, options)
    cleanUp.push(() => link.close())
    expect(ada.asked.map(({ kind }) => kind)).toEqual(['password', 'prompts'])
    expect(ada.recall(`password of ada@127.0.0.1:${server.port}`)).toBe('first')
  })

  it('keeps the host to one connection, and no further login is even tried', async () => {
    const server = await startFaultServer({ onAuthentication: twoFactor(() => '123'), onCommand: () => undefined })
    cleanUp.push(() => server.stop())
    const { target, options } = reach(server, 'ada', person(['open sesame'], ['123']))
    const pool = await openPool(target, options, { maxSessionsPerLink: 2 })
    cleanUp.push(() => pool.close())
    await Promise.all([pool.stream(['cat']), pool.stream(['cat'])])
    for (let round = 0; round < 3; round++) {
      await expect(pool.stream(['cat'])).rejects.toMatchObject({
        code: 'SESSION_REFUSED',
        message: expect.stringContaining('asks a person at every login'),
      })
    }
    expect(server.connections()).toBe(1)
  })
})

describe('a password that has expired', () => {
  it('is said, with what to do', async () => {
    const server = await startFaultServer({
      onAuthentication: (attempt) => {
        if (attempt.method === 'password') attempt.requestChange('Choose a new one.', () => undefined)
        else attempt.reject(['password'])
      },
    })
    cleanUp.push(() => server.stop())
    const { target, options } = reach(server, 'ada', person(['old']))
    await expect(dial(target, options)).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: 'The password of ada on dom0 has expired.',
    })
  })
})
