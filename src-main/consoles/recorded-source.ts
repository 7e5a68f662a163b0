import type { ProblemError } from '../../src-shared/problem'
import type { TerminalSize } from '../ssh/remote-process'
import type { RecordingFile } from './recording'
import type { Recordings } from './recordings'
import type { ConsoleSource, SourceListener } from './source'

type Size = TerminalSize
/** Where no pane has told its size. */
const usualSize: Size = { columns: 80, rows: 24 }

export type RecorderOptions = {
  recordings: Recordings
  /** What is recorded, as its title says. */
  title(): string
  /** A recording began or ended; with a problem, it ended because of that. */
  onChange(problem?: ProblemError): void
}

/** A console as any other, that can be recorded: between the host and the panes it hears all that passes. */
export class RecordedSource implements ConsoleSource {
  #file: RecordingFile | undefined
  #withInput = false
  #size = usualSize
  #panesAreFull = false
  #paused = false

  constructor(
    private readonly source: ConsoleSource,
    private readonly options: RecorderOptions,
  ) {}

  /** The recording that goes on now. */
  get recording(): { since: number; input: boolean } | undefined {
    return this.#file && { since: this.#file.startedAt, input: this.#withInput }
  }

  /** Begins to record from now on; nothing while it is recorded already. `input` records what is typed, too. */
  record(input: boolean): void {
    if (this.#file) return
    this.#withInput = input
    const { recordings, title, onChange } = this.options
    const file = recordings.begin({
      name: this.source.name,
      title: title(),
      size: this.#size,
      onDrained: () => this.#regulate(),
      onEnded: (why) => {
        if (this.#file !== file) return
        this.#file = undefined
        void recordings.end(file)
        // It goes on in another file.
        if (why === 'full') this.record(input)
        else onChange(why)
      },
    })
    this.#file = file
    onChange()
  }

  /** Ends the recording; resolves when it is on disk. */
  async stopRecording(): Promise<void> {
    const file = this.#file
    if (!file) return
    this.#file = undefined
    this.#regulate()
    this.options.onChange()
    await this.options.recordings.end(file)
  }

  get name(): string {
    return this.source.name
  }

  get attached(): boolean {
    return this.source.attached
  }

  start(listener: SourceListener): void {
    this.source.start({
      ...listener,
      output: (chunk) => {
        this.#file?.output(chunk)
        this.#regulate()
        listener.output(chunk)
      },
    })
  }

  write(bytes: Uint8Array): void {
    if (this.#withInput) this.#file?.input(bytes)
    this.source.write(bytes)
  }

  resize(size: Size): void {
    this.recordedSize(size)
    this.source.resize?.(size)
  }

  /** The size of the pane that is looked at. */
  recordedSize(size: Size): void {
    this.#size = size
    this.#file?.resize(size)
  }

  pause(): void {
    this.#panesAreFull = true
    this.#regulate()
  }

  resume(): void {
    this.#panesAreFull = false
    this.#regulate()
  }

  retry(evict?: number): Promise<void> {
    return this.source.retry(evict)
  }

  close(): void {
    void this.stopRecording()
    this.source.close()
  }

  /** The source is held back while a pane or the disk cannot take more. */
  #regulate(): void {
    const isFull = this.#panesAreFull || this.#file?.isFull === true
    if (isFull === this.#paused) return
    this.#paused = isFull
    if (isFull) this.source.pause()
    else this.source.resume()
  }
}
