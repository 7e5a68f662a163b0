import { constants } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { TextDecoder } from 'node:util'
import { ProblemError } from '../../src-shared/problem'

/** One file ends here. */
export const maxRecordingBytes = 64 * 1024 * 1024
/** With this much not on disk yet, the console waits for the disk. */
export const fullBytes = 4 * 1024 * 1024

export type RecordingOptions = {
  folder: string
  /** What people call that which is recorded. */
  name: string
  title: string
  size: { columns: number; rows: number }
  /** Milliseconds that only grow. */
  clock?: () => number
  /** Milliseconds since 1970. */
  now?: () => number
  /** `full` from here on. */
  maxBytes?: number
  /** What was waited for is on disk. */
  onDrained?(): void
  /** It ended by itself: `full` at its limit, or because of a problem. */
  onEnded?(why: 'full' | ProblemError): void
  /** Asked before each write with its bytes; a problem ends the recording. */
  mayWrite?(bytes: number): Promise<ProblemError | undefined>
}

/**
 * Writes one asciicast version 2 file while things happen: whole lines at once, so that what a crash leaves can be played up to
 * its last line. The file is made with the first event, so a console that says nothing leaves none.
 */
export class RecordingFile {
  readonly #decoders = { o: utf8(), i: utf8() }
  readonly #begin: number
  readonly #startedAt: number
  #lines: string[] = []
  #waitingBytes = 0
  #writtenBytes = 0
  #handle: FileHandle | undefined
  #writing: Promise<void> | undefined
  #path: string | undefined
  #begun = false
  #ended = false
  #size: { columns: number; rows: number }

  constructor(private readonly options: RecordingOptions) {
    this.#begin = this.#clock()
    this.#startedAt = (options.now ?? Date.now)()
    this.#size = options.size
  }

  /** Milliseconds since 1970. */
  get startedAt(): number {
    return this.#startedAt
  }

  /** The file; undefined until something happened. */
  get path(): string | undefined {
    return this.#path
  }

  /** Whether so much waits for the disk that the console should. */
  get isFull(): boolean {
    return !this.#ended && this.#waitingBytes > fullBytes
  }

  output(bytes: Uint8Array): void {
    this.#event('o', this.#decoders.o.decode(bytes, { stream: true }))
  }

  input(bytes: Uint8Array): void {
    this.#event('i', this.#decoders.i.decode(bytes, { stream: true }))
  }

  resize(size: { columns: number; rows: number }): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return
    this.#size = size
    // Until something happened, the head will say it.
    if (this.#begun) this.#event('r', `${size.columns}x${size.rows}`)
  }

  /** Ends it; resolves when all is on disk. Never rejects: what went wrong was told. */
  async end(): Promise<void> {
    if (!this.#ended) {
      // Characters of which only a part came.
      for (const code of ['o', 'i'] as const) this.#event(code, this.#decoders[code].decode())
      this.#ended = true
    }
    await this.#writing
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close().catch(() => undefined)
  }

  #clock(): number {
    return (this.options.clock ?? (() => performance.now()))()
  }

  #event(code: 'o' | 'i' | 'r', data: string): void {
    if (this.#ended || data === '') return
    if (!this.#begun) this.#line(this.#head())
    this.#begun = true
    const seconds = Math.round((this.#clock() - this.#begin) * 1000) / 1e6
    this.#line(JSON.stringify([seconds, code, data]))
    this.#writing ??= this.#write()
  }

  #head(): string {
    const { columns: width, rows: height } = this.#size
    const { title } = this.options
    return JSON.stringify({ version: 2, width, height, timestamp: Math.floor(this.#startedAt / 1000), title })
  }

  #line(text: string): void {
    const line = `${text}\n`
    this.#lines.push(line)
    this.#waitingBytes += Buffer.byteLength(line)
  }

  async #write(): Promise<void> {
    try {
      while (this.#lines.length > 0) {
        const bytes = Buffer.from(this.#lines.join(''))
        this.#lines = []
        const refusal = await this.options.mayWrite?.(bytes.length)
        if (refusal) return this.#stop(refusal)
        this.#handle ??= await this.#create()
        // A short write goes on where it stopped.
        for (let at = 0; at < bytes.length; ) at += (await this.#handle.write(bytes, at)).bytesWritten
        this.#waitingBytes -= bytes.length
        this.#writtenBytes += bytes.length
        if (this.#writtenBytes >= (this.options.maxBytes ?? maxRecordingBytes)) return this.#stop('full')
        this.options.onDrained?.()
      }
    } catch (thrown) {
      this.#stop(
        new ProblemError(
          'RECORDING_FAILED',
          `The recording of ${this.options.name} cannot be written: ${(thrown as Error).message}.`,
          {
            cause: thrown,
          },
        ),
      )
    } finally {
      this.#writing = undefined
    }
  }

  /** Nothing more is taken; what waits is dropped. */
  #stop(why: 'full' | ProblemError): void {
    const wasEnded = this.#ended
    this.#ended = true
    this.#lines = []
    this.#waitingBytes = 0
    this.options.onDrained?.()
    if (!wasEnded) this.options.onEnded?.(why)
  }

  async #create(): Promise<FileHandle> {
    const { folder, name } = this.options
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const stem = `${safeName(name)}-${fileTime(this.#startedAt)}`
    for (let number = 1; ; number++) {
      const path = join(folder, `${stem}${number > 1 ? `-${number}` : ''}.cast`)
      try {
        const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND, 0o600)
        this.#path = path
        return handle
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
      }
    }
  }
}

/** Chunks end anywhere, also within a character; what is no UTF-8 becomes U+FFFD. */
function utf8(): TextDecoder {
  return new TextDecoder('utf-8', { ignoreBOM: true })
}

/** A name that is a file name anywhere: plain letters, no leading dash or dot, not long. */
export function safeName(name: string): string {
  const plain = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 80)
  return plain === '' ? 'console' : plain
}

/** `20261122-031500`, here. */
function fileTime(at: number): string {
  const date = new Date(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`
}
