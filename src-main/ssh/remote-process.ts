import { constants } from 'node:os'
import type { ClientChannel } from 'ssh2'
import { ProblemError } from '../../src-shared/problem'

/** One program on the host, on one SSH channel without a pty, so its bytes are untouched. */
export type RemoteProcess = {
  /** Nothing is lost before the first listener comes: up to 64 KiB wait for it, then the channel is held back. */
  onStdout(listener: (chunk: Buffer) => void): void
  /** stderr is always read, or it would block stdout (they share one window); unheard, it keeps its first 64 KiB. */
  onStderr(listener: (chunk: Buffer) => void): void
  /** Sends to stdin; ignored once the channel is closed. False when the host takes no more for now: what is written all the same waits in memory. */
  write(bytes: string | Uint8Array): boolean
  /** Called each time when, after such a false, the host has taken it. */
  onDrain(listener: () => void): void
  /** Closes stdin. */
  end(): void
  /** Holds stdout back all the way to the program on the host. About 3 MiB may still be under way. */
  pause(): void
  resume(): void
  /**
   * When the program has ended and its stdout is read. A program killed by signal n has `exitCode` 128+n. Rejects with
   * CONNECTION_LOST when the channel closes without an exit status: the program may have done all, some or nothing.
   */
  readonly exited: Promise<{ exitCode: number }>
  /**
   * Leaves the program. This does not kill it (OpenSSH, which also delivers no signals to the programs of root): it only
   * loses its stdin and stdout, and keeps its session on the host until it ends. `exited` rejects with CONNECTION_LOST at once.
   */
  close(): void
}

/** In characters; both at least 1. */
export type TerminalSize = { columns: number; rows: number }

/** A program on a pty of the host: its stderr is in its stdout, and `close` hangs up, which ends a shell. */
export type RemoteTerminal = RemoteProcess & { resize(size: TerminalSize): void }

/** How much output waits for its first listener. */
const heldBytes = 64 * 1024

/** What a link needs of the processes on it. */
export type OwnedProcess = RemoteTerminal & {
  /** The connection is gone. A process whose end had been told already is let finish. */
  lose(problem: ProblemError): void
}

/**
 * Wraps an accepted exec channel. `name` is the command for messages; `onClosed` is called when the host has let go of
 * the session.
 */
export function wrapChannel(channel: ClientChannel, name: string, host: string, onClosed: () => void): OwnedProcess {
  const context = { host, command: name }
  let exit: { exitCode: number } | undefined
  let left = false
  let settle: { resolve(exit: { exitCode: number }): void; reject(error: Error): void } | undefined
  const exited = new Promise<{ exitCode: number }>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // Callers that only read output must not bring the app down with an unhandled rejection.
  exited.catch(() => undefined)

  const stdout = createOutlet(() => channel.pause())
  const stderr = createOutlet(undefined)
  let paused = false
  channel.on('data', (chunk: Buffer) => left || stdout.push(chunk))
  channel.stderr.on('data', (chunk: Buffer) => left || stderr.push(chunk))
  // A write that meets a closing channel is answered by the close, never by a crash.
  channel.on('error', () => undefined)
  channel.stderr.on('error', () => undefined)
  channel.on('exit', (code: number | null, signal?: string) => {
    exit = { exitCode: code ?? 128 + signalNumber(signal) }
  })
  channel.on('close', () => {
    if (exit) settle?.resolve(exit)
    else
      settle?.reject(
        new ProblemError('CONNECTION_LOST', `${host} closed the session of \`${name}\` without its exit status.`, { context }),
      )
    onClosed()
  })

  return {
    onStdout(listener) {
      stdout.listen(listener)
      if (!paused) channel.resume()
    },
    onStderr: (listener) => stderr.listen(listener),
    write: (bytes) => !channel.writable || channel.write(bytes),
    onDrain: (listener) => void channel.on('drain', listener),
    end() {
      if (channel.writable) channel.end()
    },
    pause() {
      paused = true
      channel.pause()
    },
    resume() {
      paused = false
      if (!stdout.isHolding()) channel.resume()
    },
    resize: ({ columns, rows }) => channel.setWindow(rows, columns, 0, 0),
    exited,
    close() {
      if (left) return
      left = true
      channel.close()
      // Unread output would keep the channel from ever closing.
      channel.resume()
      settle?.reject(new ProblemError('CONNECTION_LOST', `\`${name}\` on ${host} was left before it ended.`, { context }))
    },
    lose(problem) {
      if (!(exit && wasClosed(channel))) settle?.reject(problem)
    },
  }
}

/** The host's CHANNEL_CLOSE came; unlike the `close` event, that does not wait for the output to be read (ssh2, utils.js). */
function wasClosed(channel: ClientChannel): boolean {
  const { incoming } = channel as ClientChannel & { incoming: { state?: string } }
  return incoming.state === 'closed'
}

function signalNumber(name: string | undefined): number {
  return Object.entries(constants.signals).find(([known]) => known === name)?.[1] ?? 0
}

/** One output stream: keeps chunks for the first listener, then hands each to all. `onFull` holds the source back; without it the rest is dropped. */
function createOutlet(onFull: (() => void) | undefined) {
  const listeners: ((chunk: Buffer) => void)[] = []
  let held: Buffer[] = []
  let bytes = 0
  let full = false
  return {
    push(chunk: Buffer) {
      if (listeners.length > 0) {
        for (const listener of listeners) listener(chunk)
        return
      }
      if (full && !onFull) return
      held.push(chunk)
      bytes += chunk.length
      full = bytes >= heldBytes
      if (full) onFull?.()
    },
    listen(listener: (chunk: Buffer) => void) {
      listeners.push(listener)
      full = false
      const waiting = held
      held = []
      for (const chunk of waiting) listener(chunk)
    },
    isHolding: () => full,
  }
}
