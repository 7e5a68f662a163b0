import { randomBytes } from 'node:crypto'
import type { Argv } from '../ssh/quote'
import type { RemoteProcess } from '../ssh/remote-process'

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
  const prompt = newMark()
  const started = newMark()
  const process = await open(['sudo', '-S', '-p', prompt, '--', 'sh', '-c', 'echo "$0" >&2 && exec "$@"', started, ...argv])
  const errors = createStderr()
  await new Promise<void>((resolve, reject) => {
    let said = Buffer.alloc(0)
    let prompts = 0
    let running = false
    const refuse = (refusal: SudoRefusal) => {
      process.close()
      reject(new SudoRefused(refusal))
    }
    process.onStderr((chunk) => {
      if (running) return errors.push(chunk)
      said = Buffer.concat([said, chunk])
      const at = said.indexOf(`${started}\n`)
      if (at >= 0) {
        running = true
        errors.push(said.subarray(at + started.length + 1))
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
  return { ...process, onStderr: errors.listen }
}

/** With `passwd_tries` of 1 sudo gives up instead of prompting again. */
const isWrongPassword = (words: string): boolean => /incorrect password attempt/.test(words)

const newMark = () => `domdeck-${randomBytes(12).toString('hex')}`

/** stderr of a process for whoever listens; unheard, it keeps its beginning. */
function createStderr() {
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
