import type { ConsoleStatus } from '../../src-shared/models/console'
import { ProblemError, toProblem } from '../../src-shared/problem'
import type { RemoteTerminal, TerminalSize } from '../ssh/remote-process'
import { HostKeyError, type PresentedKey } from '../ssh/trust'
import type { ConsoleHost } from './reader'
import type { ConsoleSource, SourceListener } from './source'

/** How a kind of shell is opened. What needs a person is told by `say`, and waits for it. */
export type ShellOpener = {
  open(
    host: ConsoleHost,
    size: TerminalSize,
    options: { signal: AbortSignal; say(status: ConsoleStatus): void },
  ): Promise<RemoteTerminal>
  /** Gives a login what it asks for. False when it waits no more: the shell is to be opened anew. */
  answer?(questionId: string, answers: readonly string[]): boolean
  close?(): void
}

export type ShellSourceOptions = {
  /** What people call it, for messages. */
  name(host: ConsoleHost): string
  /** The domain that it runs in, as far as it is known. */
  domid(host: ConsoleHost): number
  opener: ShellOpener
  size: TerminalSize | undefined
  now(): number
}

const usualSize = { columns: 80, rows: 24 }

/** What a shell that is gone may have left on: the other screen, mouse reports, bracketed paste, colours. Goes before the next one. */
const calm = Buffer.from('\x1b[?1049l\x1b[?9;1000;1002;1003;1006;2004l\x1b[!p\x1b[0m\r\n')

/** A shell on a pty. It opens when a person asks and ends with its program or its link: a pty cannot be attached again. */
export class ShellSource implements ConsoleSource {
  #host: ConsoleHost
  #leaveHost: () => void = () => undefined
  #listener: SourceListener | undefined
  #terminal: RemoteTerminal | undefined
  #opening: AbortController | undefined
  #presented: PresentedKey | undefined
  #paused = false
  #size: TerminalSize
  #opened = 0
  /** The host is silent, and what runs on it may speak again. */
  #held = false

  constructor(
    host: ConsoleHost,
    private readonly options: ShellSourceOptions,
  ) {
    this.#host = host
    this.#size = options.size ?? usualSize
  }

  start(listener: SourceListener): void {
    this.#listener = listener
    this.bindHost(this.#host)
    this.#tell({ state: 'closed' })
  }

  /** A host whose settings were changed is another object. */
  bindHost(host: ConsoleHost): void {
    this.#leaveHost()
    this.#host = host
    this.#leaveHost = host.on('change', () => this.#linkChanged())
  }

  get name(): string {
    return this.options.name(this.#host)
  }

  get attached(): boolean {
    return this.#terminal !== undefined
  }

  write(bytes: Uint8Array): void {
    this.#terminal?.write(bytes)
  }

  pause(): void {
    this.#paused = true
    this.#terminal?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#terminal?.resume()
  }

  resize(size: TerminalSize): void {
    this.#size = size
    this.#terminal?.resize(size)
  }

  /** Opens the shell, unless it is open or on its way. */
  async retry(): Promise<void> {
    if (this.#terminal || this.#opening) return
    const opening = new AbortController()
    const { signal } = opening
    this.#opening = opening
    this.#presented = undefined
    this.#tell({ state: 'attaching' })
    try {
      const size = this.#size
      const say = (status: ConsoleStatus) => signal.aborted || this.#tell(status)
      const terminal = await this.options.opener.open(this.#host, size, { signal, say })
      if (signal.aborted) return terminal.close()
      this.#opening = undefined
      this.#read(terminal)
      if (size !== this.#size) terminal.resize(this.#size)
    } catch (thrown) {
      if (signal.aborted) return
      this.#opening = undefined
      const presentedKey = thrown instanceof HostKeyError && thrown.code === 'HOST_KEY_UNKNOWN' ? thrown.presented : undefined
      this.#presented = presentedKey
      this.#tell({
        state: 'failed',
        problem: toProblem(thrown),
        ...(presentedKey ? { presentedKey: withoutLine(presentedKey) } : {}),
      })
    }
  }

  /** Gives the login what it asks for. BAD_INPUT when it asks nothing, or something else. */
  answer(questionId: string, answers: readonly string[]): void {
    const { opener } = this.options
    if (!opener.answer) throw new ProblemError('BAD_INPUT', `${this.name} asks nothing.`)
    const waits = opener.answer(questionId, answers)
    if (waits) this.#tell({ state: 'attaching' })
    else void this.retry()
  }

  /** Trusts the host key that was shown, if it is the one the person saw, and opens the shell. */
  async trust(fingerprint: string): Promise<void> {
    const presented = this.#presented
    if (presented?.fingerprint !== fingerprint) {
      throw new ProblemError('BAD_INPUT', `${this.name} waits for no such host key to be trusted.`, {
        hint: 'Compare the fingerprint that it shows now with the one in the guest.',
      })
    }
    await this.#host.trustGuest(presented.line)
    // The login may wait for a person for long.
    void this.retry()
  }

  close(): void {
    this.#leaveHost()
    this.#opening?.abort()
    this.#terminal?.close()
    this.#terminal = undefined
    this.options.opener.close?.()
  }

  #tell(status: ConsoleStatus): void {
    this.#listener?.status(status)
  }

  #read(terminal: RemoteTerminal): void {
    this.#terminal = terminal
    if (this.#paused) terminal.pause()
    if (this.#opened > 0) this.#listener?.output(calm)
    this.#opened += 1
    this.#tell({ state: 'attached', domid: this.options.domid(this.#host) })
    terminal.onStdout((chunk) => this.#terminal === terminal && this.#listener?.output(chunk))
    const ended = (how: { exitCode: number } | { problem: unknown }) => {
      if (this.#terminal !== terminal) return
      this.#terminal = undefined
      this.#held = false
      this.#listener?.detached()
      const at = this.options.now()
      this.#tell({ state: 'ended', at, ...('problem' in how ? { problem: toProblem(how.problem) } : how) })
    }
    terminal.exited.then(ended, (problem) => ended({ problem }))
  }

  #linkChanged(): void {
    if (!this.#terminal) return
    const { connection } = this.#host
    if (connection.phase === 'waiting' && connection.held) {
      this.#held = true
      this.#tell({ state: 'link-lost', at: this.options.now() })
    } else if (connection.phase === 'ready' && this.#held) {
      this.#held = false
      this.#tell({ state: 'attached', domid: this.options.domid(this.#host) })
    }
  }
}

function withoutLine({ algorithm, fingerprint, of }: PresentedKey) {
  return { algorithm, fingerprint, of }
}
