import { ProblemError } from '../../src-shared/problem'
import { type Answers, mostAttempts, tryAnswers } from '../ssh/answers'
import type { Argv } from '../ssh/quote'
import type { RemoteProcess, RemoteTerminal, TerminalSize } from '../ssh/remote-process'
import { runToEnd } from '../ssh/run'
import type { Sessions } from './sessions'
import { type SudoRefusal, SudoRefused, startBySudo, startTerminalBySudo } from './sudo'

/** Runs commands as root over a login. The one place that knows how. */
export type Root = Pick<Sessions, 'run' | 'stream'> & {
  /** Root's login shell on a pty. */
  shell(size: TerminalSize, options?: { signal?: AbortSignal }): Promise<RemoteTerminal>
  /** The same command as root's; absent where that takes a password each time. */
  asRoot?(argv: Argv): Argv
}

type Login = { user: string; name: string }

/**
 * Finds out how a login becomes root: it is root, or `sudo -n` makes it so, or sudo with a password that is asked for once.
 * Throws NOT_ROOT in the words of what stands in the way.
 */
export async function findRoot(sessions: Sessions, login: Login, answers: Answers, timeoutMs: number): Promise<Root> {
  // -k: a timestamp of another login must not pass for a rule that lasts.
  const script = 'id -u; [ "$(id -u)" = 0 ] || LC_ALL=C sudo -k -n true'
  const { stdout, stderr, exitCode } = await sessions.run(['sh', '-c', script], { timeoutMs })
  if (exitCode === 0) return stdout.toString('utf8').split('\n').includes('0') ? byLogin(sessions) : bySudo(sessions)
  const said = stderr.toString('utf8').trim()
  if (!wantsPassword.test(said)) throw notRoot(login, { kind: 'other', exitCode, said })
  const root = byPassword(sessions, login, answers)
  const question = {
    kind: 'sudo' as const,
    secret,
    title: `sudo password of ${login.user} on ${login.name}`,
    instruction: `${login.user} is not root there, and sudo wants a password.`,
    fields: [{ prompt: 'Password', echo: false }],
  }
  const outcome = await tryAnswers(answers, question, `sudo on ${login.name} refused this password.`, async (password) => {
    try {
      const check: Argv = ['env', 'LC_ALL=C', 'true']
      await runToEnd((signal) => root.start(check, password, signal), 'sudo', login.name, { timeoutMs })
      return true
    } catch (thrown) {
      if (!(thrown instanceof SudoRefused)) throw thrown
      if (thrown.refusal.kind !== 'password') throw notRoot(login, thrown.refusal)
      return false
    }
  })
  if (outcome === 'skipped') throw notRoot(login, { kind: 'other', exitCode: 1, said: 'no password was given' })
  if (outcome === 'refused') throw notRoot(login, { kind: 'password' })
  return root
}

/** The name of sudo's password in the memory of the host. */
const secret = 'sudo'

/** What sudo says to -n without a rule of NOPASSWD, from 1.7 to 1.9. */
const wantsPassword = /password is required|terminal is required to read|no tty present and no askpass/

/** A login shell of root, as its entry in passwd says; the environment that sudo leaves may name another's. */
const rootShell: Argv = [
  'sh',
  '-c',
  'SHELL=$(getent passwd 0 | cut -d: -f7); [ -n "$SHELL" ] || SHELL=/bin/sh; export SHELL; cd; exec "$SHELL" -l',
]

function byLogin(sessions: Sessions): Root {
  return {
    asRoot: (argv) => argv,
    run: (argv, options) => sessions.run(argv, options),
    stream: (argv, options) => sessions.stream(argv, options),
    shell: (size, options) => sessions.terminal({ size }, options),
  }
}

function bySudo(sessions: Sessions): Root {
  const asRoot = (argv: Argv): Argv => ['sudo', '-n', '--', ...argv]
  return {
    asRoot,
    run: (argv, options) => sessions.run(asRoot(argv), options),
    stream: (argv, options) => sessions.stream(asRoot(argv), options),
    shell: (size, options) => sessions.terminal({ argv: ['sudo', '-n', '-H', '--', ...rootShell], size }, options),
  }
}

function byPassword(sessions: Sessions, login: Login, answers: Answers) {
  const start = (argv: Argv, password: string, signal?: AbortSignal): Promise<RemoteProcess> =>
    startBySudo((command) => sessions.stream(command, signal ? { signal } : {}), argv, password)
  const withPassword = async <Process>(begin: (password: string) => Promise<Process>, signal: AbortSignal | undefined) => {
    const password = answers.recall(secret)
    if (password === undefined) throw notRoot(login, { kind: 'password' })
    try {
      return await begin(password)
    } catch (thrown) {
      signal?.throwIfAborted()
      if (!(thrown instanceof SudoRefused)) throw thrown
      // It was changed on the host meanwhile: no further command tries the old one, and the next connection asks.
      if (thrown.refusal.kind === 'password') answers.forget(secret)
      throw notRoot(login, thrown.refusal)
    }
  }
  const stream: Root['stream'] = (argv, { signal } = {}) => withPassword((password) => start(argv, password, signal), signal)
  const run: Root['run'] = (argv, options) => runToEnd((signal) => stream(argv, { signal }), argv[0], login.name, options)
  const shell: Root['shell'] = (size, { signal } = {}) => {
    const open = (argv: Argv) => sessions.terminal({ argv, size }, signal ? { signal } : {})
    return withPassword((password) => startTerminalBySudo(open, rootShell, password), signal)
  }
  return { run, stream, shell, start }
}

/** Why a login is not root, by what sudo said (in the C locale), each with its own next step. */
function notRoot({ user, name }: Login, refusal: SudoRefusal): ProblemError {
  if (refusal.kind === 'password') {
    return new ProblemError('NOT_ROOT', `sudo on ${name} refuses the password of ${user}.`, {
      hint: `Connect again to be asked anew, up to ${mostAttempts} times. Some hosts want root's password there (rootpw, targetpw in sudoers).`,
      context: { host: name, command: 'sudo' },
    })
  }
  const { exitCode, said } = refusal
  const [, what, hint] = sudoWords.find(([pattern]) => pattern.test(said)) ?? []
  const detail = what
    ? `${user} is not root on ${name}, and ${what}.`
    : `${user} is not root on ${name}, and sudo does not make it root: ${said || `exit status ${exitCode}`}.`
  return new ProblemError('NOT_ROOT', detail, {
    ...(hint ? { hint } : {}),
    context: { host: name, command: 'sudo', exitCode, output: said },
  })
}

const sudoWords: readonly (readonly [pattern: RegExp, what: string, hint: string])[] = [
  [
    /must have a tty|must be run from a terminal/,
    'sudo demands a terminal (requiretty)',
    'Write `Defaults:USER !requiretty` with the name of the user into sudoers on the host, by visudo.',
  ],
  [
    /not in the sudoers file|may not run sudo/,
    'sudo does not know the user: it is not in the sudoers file',
    'Let root add the user to the group that sudoers names, often `sudo` or `wheel`, or log in as root.',
  ],
  [
    /not allowed to execute/,
    'sudo allows the user only some commands, and not a shell',
    'Domdeck runs scripts as root: give the user `ALL` in sudoers on the host, by visudo, or log in as root.',
  ],
  [/sudo: (command )?not found/, 'sudo is not installed there', 'Log in as root, or install sudo on the host.'],
  [
    /account (has )?expired|password expired|change your password/i,
    'the password of the user has expired',
    'Log in once with `ssh` and choose a new one, then connect again.',
  ],
  [
    /no password was given/,
    'no sudo password was given',
    'Connect again and give it, or allow this user `sudo -n` without a password.',
  ],
]
