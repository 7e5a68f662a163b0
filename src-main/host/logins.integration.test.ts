import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Connection } from '../../src-shared/models/host'
import type { RemoteTerminal } from '../ssh/remote-process'
import { accountUid, haveAccounts, startSshd, type TestSshd } from '../ssh/testing/sshd'
import { createTrustStore } from '../ssh/trust'
import { Host } from './host'
import { sshServices } from './services'
import { makeStubDom0 } from './testing/stub-dom0'
import sudoStandIn from './testing/sudo.sh?raw'

const password = 'open sesame'
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000, interval: 10 })

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
})

type Sudo = 'stand-in' | 'real' | 'none'
type Setup = { sudo?: Sudo; sudoers?: string[]; byPassword?: boolean; answerDeadlineMs?: number }

/** A dom0 whose login is not root; `sudo` is the machine's own in an /etc of the test, or the stand-in on the PATH. */
async function makeHost({ sudo = 'none', sudoers, byPassword = false, answerDeadlineMs }: Setup = {}) {
  const dom0 = await makeStubDom0()
  cleanUp.push(() => dom0.remove())
  const bin = join(dom0.folder, 'bin')
  const stub = join(dom0.folder, 'sudo')
  await mkdir(stub)
  await writeFile(join(stub, 'password'), `${password}\n`)
  if (sudo === 'stand-in') {
    await writeFile(join(bin, 'sudo'), sudoStandIn)
    await chmod(join(bin, 'sudo'), 0o755)
  }
  if (sudo === 'none') for (const name of ['sh', 'id', 'cat']) await copyFile(join('/bin', name), join(bin, name))
  const environment = { ...dom0.environment, STUB_SUDO: stub, ...(sudo === 'none' ? { PATH: bin } : {}) }
  execFileSync('chown', ['-R', `${accountUid}:${accountUid}`, dom0.folder])
  const sshd = await startSshd({
    account: { name: 'ada', password, sudoers: sudoers ?? ['Defaults !env_reset', 'ada ALL=(ALL) ALL'] },
    config: [
      `SetEnv ${Object.entries(environment)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ')}`,
      ...(byPassword ? ['PasswordAuthentication yes', 'PubkeyAuthentication no'] : []),
    ],
  })
  cleanUp.push(() => sshd.stop())
  const trust = createTrustStore({ homeDir: sshd.homeDir, ownFile: join(sshd.homeDir, 'own') })
  trust.pin('127.0.0.1', sshd.port, sshd.hostKey)
  const host = new Host(
    {
      id: 'h1',
      name: 'xen-01',
      address: '127.0.0.1',
      port: sshd.port,
      user: 'ada',
      storageRoot: dom0.storageRoot,
      simulated: false,
    },
    {
      ...sshServices({ agentSocket: undefined, homeDir: sshd.homeDir }, trust),
      random: () => 0,
      ...(answerDeadlineMs ? { answerDeadlineMs } : {}),
    },
  )
  cleanUp.push(() => host.disconnect())
  const phases: string[] = []
  host.on('change', () => void (phases.at(-1) === host.connection.phase || phases.push(host.connection.phase)))
  return { host, sshd, stub, phases }
}

async function reaches<Phase extends Connection['phase']>(host: Host, phase: Phase) {
  await until(() => expect(host.connection).toMatchObject({ phase }))
  return host.connection as Extract<Connection, { phase: Phase }>
}

async function asked(host: Host, attempt = 1) {
  await until(() => expect(host.connection).toMatchObject({ phase: 'asking', question: { attempt } }))
  return (await reaches(host, 'asking')).question
}

const logins = (sshd: TestSshd) => sshd.log().match(/^Accepted (?!key )/gm)?.length ?? 0

/** Command lines and environments of everything that runs on this machine. */
function everyProcess(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => ['cmdline', 'environ'].map((file) => tryRead(`/proc/${pid}/${file}`)).join('\n'))
    .join('\n')
}
const tryRead = (path: string) => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

const haveSudo = existsSync('/usr/bin/sudo')
const sudos: [Sudo, boolean][] = [
  ['stand-in', haveAccounts],
  ['real', haveAccounts && haveSudo],
]

for (const [sudo, possible] of sudos) {
  describe.skipIf(!possible)(`a login that is not root, with a ${sudo} sudo that wants a password`, () => {
    it('asks for it once, and then does everything as root with what goes in and comes out untouched', async () => {
      const { host, sshd, stub, phases } = await makeHost({ sudo })
      host.connect()
      const question = await asked(host)
      expect(question).toMatchObject({ kind: 'sudo', title: 'sudo password of ada on xen-01', fields: [{ echo: false }] })
      host.answer(question.id, [password])
      await reaches(host, 'ready')
      const bytes = randomBytes(1024 * 1024)
      const { stdout, stderr, exitCode } = await host.run(['cat'], { stdin: bytes })
      expect([exitCode, stderr.toString(), stdout.equals(bytes)]).toEqual([0, '', true])
      expect(await host.run(['sh', '-c', 'echo out; echo err >&2; exit 7'])).toMatchObject({
        exitCode: 7,
        stdout: Buffer.from('out\n'),
        stderr: Buffer.from('err\n'),
      })
      // Nothing on stdin, not even an empty line.
      expect((await host.run(['wc', '-c'])).stdout.toString()).toBe('0\n')
      expect(await host.ask(['echo', 'asked'])).toMatchObject({ stdout: 'asked\n', stderr: '' })
      if (sudo === 'real') expect((await host.run(['id', '-u'])).stdout.toString()).toBe('0\n')
      else expect(await readFile(join(stub, 'calls'), 'utf8')).not.toContain(password)
      const consoles = await Promise.all(Array.from({ length: 5 }, () => host.stream(['cat'])))
      expect(everyProcess()).not.toContain(password)
      for (const one of consoles) one.end()
      await Promise.all(consoles.map((one) => one.exited))
      expect(sshd.log()).not.toContain(password)
      expect(logins(sshd)).toBe(1)
      expect(phases.filter((phase) => phase === 'asking')).toHaveLength(1)
    })

    it('gives the password to nobody where sudo does not want it: a fresh timestamp', async () => {
      const sudoers = ['Defaults !env_reset, timestamp_type=global', 'ada ALL=(ALL) ALL']
      const { host, stub } = await makeHost({ sudo, sudoers })
      host.connect()
      host.answer((await asked(host)).id, [password])
      await reaches(host, 'ready')
      await writeFile(join(stub, 'fresh'), '')
      const { stdout, stderr } = await host.run(['cat'], { stdin: 'a line\n' })
      expect([stdout.toString(), stderr.toString()]).toEqual(['a line\n', ''])
    })

    it('gives it to nobody where sudo does not want it: another rule for a shell', async () => {
      if (sudo === 'stand-in') return
      const sudoers = ['Defaults !env_reset', 'ada ALL=(ALL) ALL, NOPASSWD: /bin/sh, /usr/bin/sh']
      const { host } = await makeHost({ sudo, sudoers })
      host.connect()
      host.answer((await asked(host)).id, [password])
      await reaches(host, 'ready')
      expect((await host.run(['cat'], { stdin: 'a line\n' })).stdout.toString()).toBe('a line\n')
    })

    it('asks again after a wrong one, and stops after three in words that are not a secret', async () => {
      const { host } = await makeHost({ sudo })
      host.connect()
      host.answer((await asked(host)).id, ['hunter1'])
      const second = await asked(host, 2)
      expect(second.problem).toBe('sudo on xen-01 refused this password.')
      host.answer(second.id, ['hunter2'])
      host.answer((await asked(host, 3)).id, ['hunter3'])
      const { problem } = await reaches(host, 'blocked')
      expect(problem).toMatchObject({ code: 'NOT_ROOT', detail: 'sudo on xen-01 refuses the password of ada.' })
      expect(JSON.stringify(host.model)).not.toContain('hunter')
      host.connect()
      host.answer((await asked(host)).id, ['hunter1'])
      host.answer((await asked(host, 2)).id, [password])
      await reaches(host, 'ready')
    })

    it('goes without an answer when none is given', async () => {
      const { host } = await makeHost({ sudo })
      host.connect()
      host.answer((await asked(host)).id, [''])
      expect((await reaches(host, 'blocked')).problem.detail).toBe('ada is not root on xen-01, and no sudo password was given.')
    })
  })
}

const refusals: [name: string, says: string, sudoers: string[], detail: RegExp, hint: RegExp][] = [
  [
    'that does not know the user',
    'ada is not in the sudoers file.  This incident will be reported.',
    ['Defaults !env_reset', 'root ALL=(ALL) ALL'],
    /it is not in the sudoers file/,
    /add the user to the group/,
  ],
  [
    'that wants a terminal',
    'sudo: sorry, you must have a tty to run sudo',
    ['Defaults requiretty', 'ada ALL=(ALL) ALL'],
    /demands a terminal \(requiretty\)/,
    /!requiretty/,
  ],
  [
    'that allows some commands',
    "Sorry, user ada is not allowed to execute '/bin/sh -c true' as root on xen-01.",
    ['ada ALL=(ALL) /usr/bin/uptime'],
    /only some commands, and not a shell/,
    /give the user `ALL`/,
  ],
]
for (const [sudo, possible] of sudos) {
  it.skipIf(!possible).each(refusals)(`a ${sudo} sudo %s is told so`, async (_name, says, sudoers, detail, hint) => {
    const { host, stub } = await makeHost({ sudo, sudoers })
    await writeFile(join(stub, 'says'), `${says}\n`)
    host.connect()
    // Without a password, sudo says only that it wants one; requiretty it says at once.
    await until(() => expect(['asking', 'blocked']).toContain(host.connection.phase))
    if (host.connection.phase === 'asking') host.answer(host.connection.question.id, [password])
    const { problem } = await reaches(host, 'blocked')
    expect(problem).toMatchObject({
      code: 'NOT_ROOT',
      detail: expect.stringMatching(detail),
      hint: expect.stringMatching(hint),
    })
  })
}

describe.skipIf(!haveAccounts)('a login that is not root', () => {
  it('says that there is no sudo', async () => {
    const { host } = await makeHost()
    host.connect()
    const { problem } = await reaches(host, 'blocked')
    expect(problem).toMatchObject({ code: 'NOT_ROOT', detail: 'ada is not root on xen-01, and sudo is not installed there.' })
  })
})

describe.skipIf(!haveAccounts)('a login by password', () => {
  const setup: Setup = { sudo: 'stand-in', byPassword: true }

  it('is answered once, and never again for a connection that comes back', async () => {
    const { host, sshd, phases } = await makeHost(setup)
    host.connect()
    host.answer((await asked(host)).id, [password])
    await until(() => expect(host.connection).toMatchObject({ question: { kind: 'sudo' } }))
    host.answer((await asked(host)).id, [password])
    await reaches(host, 'ready')
    const questions = phases.filter((phase) => phase === 'asking').length
    sshd.cut()
    await until(() => expect(host.connection.phase).not.toBe('ready'))
    await reaches(host, 'ready')
    expect(phases.filter((phase) => phase === 'asking')).toHaveLength(questions)
    await until(() => expect(logins(sshd)).toBe(2))
  })

  it('is forgotten when the person disconnects', async () => {
    const { host } = await makeHost(setup)
    host.connect()
    host.answer((await asked(host)).id, [password])
    await until(() => expect(host.connection).toMatchObject({ question: { kind: 'sudo' } }))
    host.disconnect()
    host.connect()
    expect(await asked(host)).toMatchObject({ kind: 'password', attempt: 1 })
  })

  it('keeps its question, and no connection, when nobody answers; a late answer connects by itself', async () => {
    const { host, sshd } = await makeHost({ ...setup, answerDeadlineMs: 50 })
    host.connect()
    const late = /Nobody answered within 0.05 s.*LoginGraceTime.*Your answer connects again/
    await until(() =>
      expect(host.connection).toMatchObject({ phase: 'asking', question: { problem: expect.stringMatching(late) } }),
    )
    await until(() => expect(sshd.log()).toMatch(/Connection (closed|reset) by authenticating user ada/))
    const { question } = await reaches(host, 'asking')
    host.answer(question.id, [password])
    await until(() => expect(logins(sshd)).toBe(1))
  })

  it('keeps its question when the host ends the login first', async () => {
    const { host, sshd } = await makeHost(setup)
    host.connect()
    const { id } = await asked(host)
    sshd.cut()
    await until(() =>
      expect(host.connection).toMatchObject({
        phase: 'asking',
        question: { id, problem: expect.stringMatching(/closed the connection during the login.*Your answer connects again/s) },
      }),
    )
    host.answer(id, [password])
    await until(() => expect(logins(sshd)).toBe(1))
  })
})

describe.skipIf(!haveAccounts || !haveSudo)('shells of a login that is not root', () => {
  const size = { columns: 101, rows: 31 }
  const say = async (shell: RemoteTerminal) => {
    let text = ''
    shell.onStdout((chunk) => {
      text += chunk.toString()
    })
    shell.write('echo "user $(id -u) $TERM home $HOME"; stty size; exit 3\n')
    expect(await shell.exited).toEqual({ exitCode: 3 })
    return text
  }

  it('are its own, and root ones by a sudo whose password nobody sees', async () => {
    const { host } = await makeHost({ sudo: 'real' })
    host.connect()
    host.answer((await asked(host)).id, [password])
    await reaches(host, 'ready')
    const ofRoot = await say(await host.openShell('root', size))
    expect(ofRoot).toContain('user 0 xterm-256color home /root\r')
    expect(ofRoot).toContain('31 101')
    expect(ofRoot).not.toContain(password)
    expect(ofRoot).not.toContain('domdeck-')
    expect(await say(await host.openShell('login', size))).toContain(`user ${accountUid} xterm-256color`)
  })

  it('are root ones by a sudo that wants no password', async () => {
    const { host } = await makeHost({ sudo: 'real', sudoers: ['Defaults !env_reset', 'ada ALL=(ALL) NOPASSWD: ALL'] })
    host.connect()
    await reaches(host, 'ready')
    expect(await say(await host.openShell('root', size))).toContain('user 0 xterm-256color home /root\r')
  })

  it('are refused in words when the password was changed on the host meanwhile', async () => {
    const { host, sshd } = await makeHost({ sudo: 'real' })
    host.connect()
    host.answer((await asked(host)).id, [password])
    await reaches(host, 'ready')
    await sshd.setPassword('another')
    await expect(host.openShell('root', size)).rejects.toMatchObject({ problem: { code: 'NOT_ROOT' } })
    expect(await say(await host.openShell('login', size))).toContain(`user ${accountUid}`)
  })
})
