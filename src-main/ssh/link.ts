import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Client, ClientChannel, NegotiatedAlgorithms } from 'ssh2'
import { type Problem, ProblemError } from '../../src-shared/problem'
import {
  forwardProblem,
  keepaliveTries,
  lostProblem,
  lostWithJump,
  openProblem,
  type Place,
  type SshError,
  silentProblem,
} from './errors'
import type { Passage } from './jump'
import type { OwnLogin } from './lent-login'
import { type Argv, quoteArgv } from './quote'
import { type OwnedProcess, type RemoteProcess, type RemoteTerminal, type TerminalSize, wrapChannel } from './remote-process'
import { type Finished, type RunOptions, runToEnd } from './run'

/** What a link is made of; `dial` is the one place that makes it. */
export type LinkParts = {
  client: Client
  socket: Duplex
  /** The host's name for messages. */
  host: string
  /** As whom one is logged in. */
  user: string
  /** The jump host that `socket` leads through. */
  via?: Passage | undefined
  keepaliveMs: number
  negotiated: NegotiatedAlgorithms | undefined
  ownLogin: OwnLogin | undefined
}

/** What runs on a pty (without `argv` the login shell), and the size that it begins with. */
export type TerminalWanted = { argv?: Argv | undefined; size: TerminalSize }

/** Asks ssh2 for a session; throws only when its socket has ended. */
type Open = (opened: (error: Error | undefined, channel: ClientChannel) => void) => void

/** What xterm.js speaks; every terminfo of the last twenty years knows it. */
const terminalName = 'xterm-256color'

/** Linux takes no longer argument for `sh -c` (MAX_ARG_STRLEN, with its final NUL). */
const maxCommandBytes = 131_071

/**
 * One authenticated connection. It owns its ssh2 client and its socket: an error on either ends the link with a problem
 * and never the process.
 */
export class Link {
  readonly #parts: LinkParts
  readonly #processes = new Set<OwnedProcess>()
  readonly #opening = new Set<(error: Error) => void>()
  readonly #lostListeners: ((problem: Problem) => void)[] = []
  readonly #endListeners: (() => void)[] = []
  #sessions = 0
  #error: SshError | undefined
  #lost: Problem | undefined
  #probing: Promise<boolean> | undefined
  #closedByUs = false
  #ended = false
  #silence: Problem | undefined
  #silenceListener: ((silence: Problem | undefined) => void) | undefined
  /** Whether the host has said anything since the last keepalive. */
  #heard = true
  #unanswered = 0
  readonly #listening: NodeJS.Timeout

  constructor(parts: LinkParts) {
    this.#parts = parts
    const { client, socket } = parts
    client.on('error', (error: SshError) => {
      this.#error ??= error
      // ssh2 only half-closes after some errors; a dead peer would never answer that.
      socket.destroy()
      // The jump host would have to answer for the end of a channel, and may be dead, too.
      if (parts.via) this.#end()
    })
    client.on('end', () => socket.destroy())
    client.on('close', () => this.#end())
    socket.on('data', () => {
      this.#heard = true
      if (this.#silence) this.#tellSilence(undefined)
    })
    this.#listening = setInterval(() => this.#listen(), parts.keepaliveMs)
    if (socket.destroyed) this.#end()
  }

  /** Sessions that are open or being opened, among them programs that were left but still run. */
  get sessions(): number {
    return this.#sessions
  }

  /** As whom one is logged in. */
  get user(): string {
    return this.#parts.user
  }

  /** How one logged in, where that was by a public key alone. */
  get ownLogin(): OwnLogin | undefined {
    return this.#parts.ownLogin
  }

  /** Why the link ended, or undefined while it is up. */
  get lost(): Problem | undefined {
    return this.#lost
  }

  /** Why the host counts as silent now, or undefined. */
  get silence(): Problem | undefined {
    return this.#silence
  }

  /** The cipher, key exchange and host key algorithm in use. */
  get negotiated(): { kex: string; hostKey: string; cipher: string } | undefined {
    const { negotiated } = this.#parts
    return negotiated && { kex: negotiated.kex, hostKey: negotiated.serverHostKey, cipher: negotiated.cs.cipher }
  }

  /** Runs a command to its end on a session of its own; see `runToEnd` for the errors. */
  run(argv: Argv, options?: RunOptions): Promise<Finished> {
    return runToEnd((signal) => this.stream(argv, { signal }), argv[0], this.#parts.host, options)
  }

  /**
   * Starts a command on a session of its own. Rejects with SESSION_REFUSED when the host opens no more of them,
   * CONNECTION_LOST when the link is down, BAD_INPUT when the command is too long, or the signal's reason. Aborting later closes
   * the channel and leaves the program.
   */
  async stream(argv: Argv, { signal }: { signal?: AbortSignal } = {}): Promise<RemoteProcess> {
    const command = commandLine(argv)
    return this.#start((opened) => this.#parts.client.exec(command, opened), argv[0], signal)
  }

  /**
   * Starts a command on a pty and a session of its own; without one, the login shell of the user. Errors as for `stream`, and
   * COMMAND_FAILED from a host that gives no pty.
   */
  async terminal(
    { argv, size: { columns, rows } }: TerminalWanted,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<RemoteTerminal> {
    const pty = { cols: columns, rows, width: 0, height: 0, term: terminalName }
    const command = argv && commandLine(argv)
    const { client } = this.#parts
    const name = argv?.[0] ?? 'the login shell'
    return this.#start((opened) => (command ? client.exec(command, { pty }, opened) : client.shell(pty, opened)), name, signal)
  }

  /**
   * A TCP connection that the host makes for us. Rejects with the problem of the place to reach (`forwardProblem`), with
   * CONNECTION_LOST when this link ends, or with the signal's reason.
   */
  forward(place: Place, signal: AbortSignal): Promise<Duplex> {
    const { client, host } = this.#parts
    return new Promise((resolve, reject) => {
      const lost = () => reject(lostWithJump(place.host, { host, detail: this.#lostError('').problem.detail }))
      if (this.#lost || this.#closedByUs) return lost()
      const onAbort = () => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        client.forwardOut('127.0.0.1', 0, place.address, place.port, (error, channel) => {
          signal.removeEventListener('abort', onAbort)
          if (error) return this.#lost || this.#closedByUs ? lost() : reject(forwardProblem(error, host, place))
          if (signal.aborted) return channel.destroy()
          // From here to the handshake an error must find a listener.
          channel.on('error', () => undefined)
          resolve(channel)
        })
      } catch {
        // As for `exec`.
        lost()
      }
    })
  }

  /** Asks the host for a sign of life. False when none came within the limit, or the link was down: then the host is silent, without waiting for keepalives. */
  probe(limitMs: number): Promise<boolean> {
    this.#probing ??= this.#probe(limitMs).finally(() => {
      this.#probing = undefined
    })
    return this.#probing
  }

  /** Called once when the connection goes, but not when `close` was called. Called soon if it is gone already. */
  onLost(listener: (problem: Problem) => void): void {
    this.#lostListeners.push(listener)
    const problem = this.#lost
    if (problem && !this.#closedByUs) queueMicrotask(() => listener(problem))
  }

  /** Called whenever the host has let go of a session that it had opened. */
  onSessionEnd(listener: () => void): void {
    this.#endListeners.push(listener)
  }

  /**
   * Takes charge of the silences of the host: called when one begins, and with undefined when the host speaks again, after which
   * everything on the link goes on where it was. Without a listener silence ends the link.
   */
  onSilence(listener: (silence: Problem | undefined) => void): void {
    this.#silenceListener = listener
  }

  /** Ends a link whose host is silent; it counts as lost. */
  giveUp(): void {
    this.#lost ??= this.#silence
    this.#parts.socket.destroy()
    this.#end()
  }

  /** Ends the connection. Programs on it are left, as with `RemoteProcess.close`. */
  close(): void {
    if (this.#closedByUs || this.#lost) return
    this.#closedByUs = true
    clearInterval(this.#listening)
    const { client, socket, via } = this.#parts
    client.end()
    if (socket instanceof Socket) socket.destroySoon()
    else socket.end()
    // A peer that reads no more would keep the goodbye, and with it the socket, for ever.
    setTimeout(() => socket.destroy(), 1_000).unref()
    via?.release()
  }

  async #start(open: Open, name: string, signal: AbortSignal | undefined): Promise<OwnedProcess> {
    signal?.throwIfAborted()
    const process = await this.#open(open, name, signal)
    if (signal) {
      const leave = () => process.close()
      signal.addEventListener('abort', leave, { once: true })
      const forget = () => signal.removeEventListener('abort', leave)
      process.exited.then(forget, forget)
    }
    return process
  }

  #open(open: Open, name: string, signal: AbortSignal | undefined): Promise<OwnedProcess> {
    const { host } = this.#parts
    return new Promise((resolve, reject) => {
      if (this.#lost || this.#closedByUs) return reject(this.#lostError(name))
      const fail = (error: Error) => {
        this.#opening.delete(fail)
        signal?.removeEventListener('abort', onAbort)
        reject(error)
      }
      const onAbort = () => fail(signal?.reason)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#opening.add(fail)
      this.#sessions++
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        if (error) {
          this.#sessions--
          return fail(this.#lost || this.#closedByUs ? this.#lostError(name) : openProblem(error, host, name))
        }
        const process = wrapChannel(channel, name, host, () => {
          this.#processes.delete(process)
          this.#sessions--
          for (const listener of this.#endListeners) listener()
        })
        this.#processes.add(process)
        // Aborted while the host was answering: nobody waits for this program any more.
        if (!this.#opening.delete(fail)) return process.close()
        signal?.removeEventListener('abort', onAbort)
        resolve(process)
      }
      try {
        open(opened)
      } catch {
        // ssh2 throws only when its socket has ended, just before it says so by `close`.
        this.#sessions--
        fail(this.#lostError(name))
      }
    })
  }

  #probe(limitMs: number): Promise<boolean> {
    const { client, host } = this.#parts
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer)
        resolve(!this.#lost && !this.#closedByUs && !this.#silence)
      }
      const timer = setTimeout(() => {
        if (!this.#silence) this.#tellSilence(silentProblem(host, `no answer to a probe within ${limitMs / 1000} s`))
        settle()
      }, limitMs)
      try {
        // As `ssh` does with its keepalives: a request that the host must answer, if only by refusing it. ssh2 has no other in public.
        client.unforwardIn('127.0.0.1', 0, settle)
      } catch {
        // As for `exec`.
        this.#end()
        settle()
      }
    })
  }

  #lostError(command: string): ProblemError {
    const { host } = this.#parts
    const detail = this.#lost?.detail ?? `The connection to ${host} is closed.`
    return new ProblemError('CONNECTION_LOST', detail, { context: { host, command } })
  }

  #listen(): void {
    this.#unanswered = this.#heard ? 0 : this.#unanswered + 1
    this.#heard = false
    if (this.#unanswered !== keepaliveTries) return
    const { host, keepaliveMs } = this.#parts
    const reason = `no answer to ${keepaliveTries} keepalives, ${keepaliveMs / 1000} s apart`
    if (!this.#silence) this.#tellSilence(silentProblem(host, reason))
  }

  #tellSilence(silence: Problem | undefined): void {
    this.#silence = silence
    if (this.#silenceListener) this.#silenceListener(silence)
    else if (silence) this.giveUp()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    clearInterval(this.#listening)
    const { host, via } = this.#parts
    const jumpLost = via?.link.lost
    if (this.#closedByUs) this.#lost = new ProblemError('CONNECTION_LOST', `The connection to ${host} was closed.`).problem
    else if (via && jumpLost) this.#lost = lostWithJump(host, { host: via.host, detail: jumpLost.detail }).problem
    else this.#lost ??= lostProblem(host, this.#error)
    via?.release()
    for (const fail of [...this.#opening]) fail(this.#lostError(''))
    for (const process of [...this.#processes]) process.lose(this.#lostError(''))
    if (this.#closedByUs) return
    for (const listener of this.#lostListeners) listener(this.#lost)
  }
}

/** The command as sent. BAD_INPUT when it is longer than the host can take. */
function commandLine(argv: Argv): string {
  const command = quoteArgv(argv)
  if (Buffer.byteLength(command) <= maxCommandBytes) return command
  throw new ProblemError('BAD_INPUT', `The command \`${argv[0]}\` is longer than a host can take; send its data to stdin.`)
}
