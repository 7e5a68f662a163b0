import { randomBytes } from 'node:crypto'
import { jobIdSchema } from '../../src-shared/models/job'
import { ProblemError } from '../../src-shared/problem'
import { type Argv, quoteArgv } from '../ssh/quote'
import type { RemoteProcess } from '../ssh/remote-process'
import { type DomainEvent, parseWatchLine } from '../xen/events'
import prelude from './control.sh?raw'

export type Answer = { stdout: string; stderr: string; exitCode: number }

export type ControlShellOptions = {
  /** Names the host in what a person reads. */
  hostName: string
  /** Opens one channel that runs `sh` as root. */
  open(): Promise<RemoteProcess>
  /** Functions, defined once at the beginning, that requests may call by name. */
  functions: string
  /** Ends a process group on the host: what is left of a request that was given up. */
  killGroup(group: number): Promise<unknown>
  /** The watch says that domains came or went. */
  onEvent(event: DomainEvent): void
  /** A job begins on the host, or is being rolled back; whoever started it. */
  onJob(jobId: string): void
}

/** A request is a small question; what takes longer is a job, or a session of its own. */
const defaultTimeoutMs = 20_000
/** No answer to a small question is longer: 200 domains of `xl list -l` are half a megabyte. */
const mostAnswerBytes = 32 * 1024 * 1024
/** Longer than any line of xenstore-watch. */
const mostLineBytes = 4096

type Opened = { process: RemoteProcess; group: number | undefined }
type Pending = { endMark: Buffer; resolve(answer: Buffer): void; reject(problem: ProblemError): void }

/**
 * One long-lived `sh` on one channel (control.sh), asked one question after another. It saves each small question the fork,
 * the exec and the channel of a session of its own. Opened by the first question, and again by the next one after the channel
 * was lost or given up.
 */
export class ControlShell {
  #opened: Opened | undefined
  #pending: Pending | undefined
  #chunks: Buffer[] = []
  #bytes = 0
  #line = ''
  #queue: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(private readonly options: ControlShellOptions) {}

  /**
   * Runs `argv` as root in the shell, after all that was asked before. A failing command is an answer, not an error.
   * Rejects with CONNECTION_LOST, or with COMMAND_FAILED after `timeoutMs` (20 s): then the shell and what it ran are ended.
   */
  ask(argv: Argv, { timeoutMs = defaultTimeoutMs }: { timeoutMs?: number } = {}): Promise<Answer> {
    const command = quoteArgv(argv)
    const answer = this.#queue.then(() => this.#exchange(command, argv, timeoutMs))
    this.#queue = answer.catch(() => undefined)
    return answer
  }

  /** Ends the shell on the host, and with it its watch. Questions under way and to come reject with CONNECTION_LOST. */
  close(): void {
    this.#closed = true
    this.#drop(this.#lost())
  }

  async #exchange(command: string, argv: Argv, timeoutMs: number): Promise<Answer> {
    const { process } = this.#opened ?? (await this.#open(argv, timeoutMs))
    const mark = newMark()
    const request = `{ e=$(${command} 2>&1 >&3 3>&- </dev/null); rc=$?; } 3>&1; answer ${mark} "$rc" "$e"\n`
    const reply = await this.#await(process, mark, argv, timeoutMs, request)
    const answer = readAnswer(reply, mark)
    if (answer) return answer
    throw new ProblemError('UNEXPECTED_OUTPUT', `The control shell of ${this.options.hostName} broke its own frame.`)
  }

  async #open(argv: Argv, timeoutMs: number): Promise<Opened> {
    if (this.#closed) throw this.#lost()
    const process = await this.options.open()
    if (this.#closed) {
      process.close()
      throw this.#lost()
    }
    this.#line = ''
    let errors = ''
    this.#opened = { process, group: undefined }
    process.onStdout((chunk) => this.#take(process, chunk))
    process.onStderr((chunk) => {
      errors = (errors + chunk.toString('utf8')).slice(-1000)
      this.#takeEvents(chunk)
    })
    const ended = (exitCode?: number) => {
      if (this.#opened?.process !== process) return
      this.#drop(exitCode === undefined ? this.#lost() : this.#ended(exitCode, errors))
    }
    process.exited.then(
      ({ exitCode }) => ended(exitCode),
      () => ended(),
    )
    const mark = newMark()
    const reply = await this.#await(process, mark, argv, timeoutMs, `${prelude}\n${this.options.functions}\nready ${mark}\n`)
    const group = readAnswer(reply, mark)?.exitCode
    const opened = { process, group: group !== undefined && group > 1 ? group : undefined }
    this.#opened = opened
    return opened
  }

  #await(process: RemoteProcess, mark: string, argv: Argv, timeoutMs: number, text: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const group = this.#opened?.group
        if (group !== undefined) this.options.killGroup(group).catch(() => undefined)
        this.#drop(
          new ProblemError('COMMAND_FAILED', `${this.options.hostName} did not answer ${argv[0]} within ${timeoutMs / 1000} s.`, {
            hint: 'It may be overloaded, or xl may wait for a lock. Try again, and look at the host if it goes on.',
            context: { host: this.options.hostName, command: quoteArgv(argv) },
          }),
        )
      }, timeoutMs)
      const settle = () => {
        clearTimeout(timer)
        this.#pending = undefined
        this.#chunks = []
        this.#bytes = 0
      }
      this.#pending = {
        endMark: Buffer.from(`${mark} end\n`),
        resolve: (answer) => {
          settle()
          resolve(answer)
        },
        reject: (problem) => {
          settle()
          reject(problem)
        },
      }
      process.write(text)
    })
  }

  #take(process: RemoteProcess, chunk: Buffer): void {
    const pending = this.#pending
    if (!pending || this.#opened?.process !== process) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes > mostAnswerBytes) {
      const detail = `${this.options.hostName} answered a small question with more than ${mostAnswerBytes / 1048576} MB.`
      this.#drop(new ProblemError('UNEXPECTED_OUTPUT', detail))
      return
    }
    if (endsWith(this.#chunks, pending.endMark)) pending.resolve(Buffer.concat(this.#chunks))
  }

  #takeEvents(chunk: Buffer): void {
    const lines = (this.#line + chunk.toString('utf8')).split('\n')
    this.#line = (lines.pop() ?? '').slice(-mostLineBytes)
    for (const line of lines) {
      const event = parseWatchLine(line)
      if (event) this.options.onEvent(event)
      else if (jobIdSchema.safeParse(line).success) this.options.onJob(line)
    }
  }

  #drop(problem: ProblemError): void {
    const opened = this.#opened
    this.#opened = undefined
    opened?.process.close()
    this.#pending?.reject(problem)
  }

  #lost(): ProblemError {
    return new ProblemError('CONNECTION_LOST', `The connection to ${this.options.hostName} was lost.`)
  }

  #ended(exitCode: number, errors: string): ProblemError {
    const { hostName } = this.options
    return new ProblemError('CONNECTION_LOST', `The control shell on ${hostName} ended by itself with status ${exitCode}.`, {
      hint: 'Domdeck opens it again with the next question.',
      context: { host: hostName, exitCode, output: errors },
    })
  }
}

/** Nobody on the host can guess it, so no output can pass for the end of an answer. */
const newMark = () => `domdeck-${randomBytes(12).toString('hex')}`

function endsWith(chunks: readonly Buffer[], mark: Buffer): boolean {
  let tail = Buffer.alloc(0)
  for (let index = chunks.length - 1; index >= 0 && tail.length < mark.length; index -= 1) {
    tail = Buffer.concat([(chunks[index] ?? tail).subarray(-mark.length), tail])
  }
  return tail.length >= mark.length && tail.subarray(-mark.length).equals(mark)
}

/** Divides `STDOUT \n MARK STATUS \n STDERR \n MARK end \n`. Bytes are decoded once, so no character is cut in two. */
function readAnswer(reply: Buffer, mark: string): Answer | undefined {
  const head = reply.indexOf(`\n${mark} `)
  const headEnd = reply.indexOf('\n', head + 1)
  const foot = reply.lastIndexOf(`\n${mark} end\n`)
  const status = reply.subarray(head + mark.length + 2, headEnd).toString('latin1')
  if (head < 0 || headEnd < 0 || foot < headEnd || !/^\d+$/.test(status)) return undefined
  return {
    stdout: reply.subarray(0, head).toString('utf8'),
    stderr: reply.subarray(headEnd + 1, foot).toString('utf8'),
    exitCode: Number(status),
  }
}
