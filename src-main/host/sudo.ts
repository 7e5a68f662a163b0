import { randomBytes } from 'node:crypto'
import type { Argv } from '../ssh/quote'
import type { RemoteProcess, RemoteTerminal } from '../ssh/remote-process'

/** How sudo took it, when it did not start the command. */
export type SudoRefusal = { kind: 'password' } | { kind: 'other'; exitCode: number; said: string }

/** Thrown by `startBySudo`. */
export class SudoRefused extends Error {
  constructor(readonly refusal: SudoRefusal) {
    super('sudo did not start the command')
  }
}

/** More than sudo ever says before it starts a command, its lecture included. */
const mostSaidBytes = 64 * 1024

/**
 * Starts a command as root by sudo, with a password. sudo reads the password from stdin only when it wants one: not under NOPASSWD or
 * a fresh timestamp, when it would reach the command instead. So nothing is written before sudo prompts, and nobody else writes
 * before the command says that it runs. The prompt and that word are random and come on stderr; what follows on stderr is the command's.
 */
export async function startBySudo(
  open: (argv: Argv) => Promise<RemoteProcess>,
  argv: Argv,
  password: string,
): Promise<RemoteProcess> {
  const marks = { prompt: newMark(), started: newMark() }
  const process = await open(['sudo', '-S', '-p', marks.prompt, '--', ...saying(marks.started, argv)])
  return { ...process, onStderr: await passSudo(process, (listener) => process.onStderr(listener), password, marks) }
}

/**
 * The same on a pty, where sudo asks at the terminal: it turns the echo off before it prompts, so the password is never seen, and nothing
 * that comes before the command is passed on.
 */
export async function startTerminalBySudo(
  open: (argv: Argv) => Promise<RemoteTerminal>,
  argv: Argv,
  password: string,
): Promise<RemoteTerminal> {
  const marks = { prompt: newMark(), started: newMark() }
  const process = await open(['sudo', '-H', '-p', marks.prompt, '--', ...saying(marks.started, argv)])
  return { ...process, onStdout: await passSudo(process, (listener) => process.onStdout(listener), password, marks) }
}

/** A command that says a word on stderr first. */
const saying = (word: string, argv: Argv): Argv => ['sh', '-c', 'echo "$0" >&2 && exec "$@"', word, ...argv]

/** Gives sudo its password where it speaks, and resolves when the command runs, with how to hear what it says there. */
async function passSudo(
  process: RemoteProcess,
  onSaid: (listener: (chunk: Buffer) => void) => void,
  password: string,
  { prompt, started }: { prompt: string; started: string },
): Promise<RemoteProcess['onStderr']> {
  const output = createOutput()
  await new Promise<void>((resolve, reject) => {
    let said = Buffer.alloc(0)
    let prompts = 0
    let running = false
    const refuse = (refusal: SudoRefusal) => {
      process.close()
      reject(new SudoRefused(refusal))
    }
    onSaid((chunk) => {
      if (running) return output.push(chunk)
      said = Buffer.concat([said, chunk])
      // A pty sends line ends as CR LF. Without a line end it is sudo that speaks, of the command that it refuses.
      const [begun] = said.toString('latin1').match(new RegExp(`^.*?${started}\\r*\\n`, 's')) ?? []
      if (begun !== undefined) {
        running = true
        output.push(said.subarray(begun.length))
        return resolve()
      }
      const asked = said.toString('latin1').split(prompt).length - 1
      if (asked > 1) return refuse({ kind: 'password' })
      if (asked > prompts) process.write(`${password}\n`)
      prompts = asked
      if (said.length > mostSaidBytes) refuse({ kind: 'other', exitCode: 1, said: 'it says more than anybody can read' })
    })
    process.exited.then(
      ({ exitCode }) => {
        if (running) return
        const words = said.toString('utf8').replaceAll(prompt, '').trim()
        reject(new SudoRefused(isWrongPassword(words) ? { kind: 'password' } : { kind: 'other', exitCode, said: words }))
      },
      (error) => running || reject(error),
    )
  })
  return output.listen
}

/** With `passwd_tries` of 1 sudo gives up instead of prompting again. */
const isWrongPassword = (words: string): boolean => /incorrect password attempt/.test(words)

const newMark = () => `domdeck-${randomBytes(12).toString('hex')}`

/** What a process says for whoever listens; unheard, it keeps its beginning. */
function createOutput() {
  const listeners: ((chunk: Buffer) => void)[] = []
  let held = Buffer.alloc(0)
  return {
    push(chunk: Buffer): void {
      if (chunk.length === 0) return
      if (listeners.length === 0 && held.length < mostSaidBytes) held = Buffer.concat([held, chunk])
      for (const listener of listeners) listener(chunk)
    },
    listen(listener: (chunk: Buffer) => void): void {
      listeners.push(listener)
      if (held.length > 0) listener(held)
      held = Buffer.alloc(0)
    },
  }
}
