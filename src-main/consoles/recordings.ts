import { constants } from 'node:fs'
import { lstat, open, readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { TextDecoder } from 'node:util'
import { readHeader } from '../../src-shared/asciicast'
import { type Recording, recordingNameSchema } from '../../src-shared/models/recording'
import { ProblemError } from '../../src-shared/problem'
import { RecordingFile, type RecordingOptions } from './recording'

/** All recordings together take no more than this. */
export const maxFolderBytes = 2 * 1024 * 1024 * 1024
const headBytes = 4096
const pieceBytes = 256 * 1024

/** The folder of recordings on this workstation. */
export class Recordings {
  readonly #running = new Set<RecordingFile>()
  /** What the folder holds; undefined until somebody has to know. */
  #used: Promise<{ bytes: number }> | undefined

  constructor(
    readonly folder: string,
    private readonly maxBytes: number = maxFolderBytes,
  ) {}

  /** Begins a recording. It makes its file with its first event. */
  begin(options: Omit<RecordingOptions, 'folder' | 'mayWrite'>): RecordingFile {
    const file = new RecordingFile({
      ...options,
      folder: this.folder,
      mayWrite: (bytes) => this.#mayWrite(bytes),
      onEnded: (why) => {
        this.#running.delete(file)
        options.onEnded?.(why)
      },
    })
    this.#running.add(file)
    return file
  }

  /** Ends a recording; resolves when it is on disk. */
  async end(file: RecordingFile): Promise<void> {
    await file.end()
    this.#running.delete(file)
  }

  /** Newest first. A file that is no recording is listed by its name. */
  async list(): Promise<Recording[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw new ProblemError('NOT_FOUND', `${this.folder} cannot be read: ${error.message}.`, { cause: error })
    })
    const running = new Set([...this.#running].map(({ path }) => path && basename(path)))
    const found = await Promise.all(
      names
        .filter((name) => recordingNameSchema.safeParse(name).success)
        .map(async (name): Promise<Recording | undefined> => {
          const path = join(this.folder, name)
          const stat = await lstat(path).catch(() => undefined)
          if (!stat?.isFile()) return undefined
          const { title = name, timestamp } = await headOf(path)
          return {
            name,
            title,
            ...(timestamp === undefined ? {} : { startedAt: timestamp * 1000 }),
            endedAt: stat.mtimeMs,
            sizeBytes: stat.size,
            running: running.has(name),
          }
        }),
    )
    return found.filter((one) => one !== undefined).sort((a, b) => b.endedAt - a.endedAt)
  }

  /** The text of one, in pieces. NOT_FOUND when it is gone. */
  async *read(name: string): AsyncGenerator<string, void, undefined> {
    const handle = await open(
      join(this.folder, recordingNameSchema.parse(name)),
      constants.O_RDONLY | constants.O_NOFOLLOW,
    ).catch((error: NodeJS.ErrnoException) => {
      throw new ProblemError('NOT_FOUND', `The recording ${name} cannot be read: ${error.message}.`, { cause: error })
    })
    try {
      const decoder = new TextDecoder('utf-8')
      for await (const bytes of handle.createReadStream({ highWaterMark: pieceBytes, autoClose: false })) {
        yield decoder.decode(bytes as Uint8Array, { stream: true })
      }
      yield decoder.decode()
    } finally {
      await handle.close()
    }
  }

  /** Deletes one. BUSY while it is being written. */
  async remove(name: string): Promise<void> {
    const path = join(this.folder, recordingNameSchema.parse(name))
    if ([...this.#running].some((file) => file.path === path))
      throw new ProblemError('BUSY', `${name} is being recorded.`, { hint: 'Stop the recording first.' })
    const size = await lstat(path).then(
      (stat) => stat.size,
      () => 0,
    )
    await rm(path, { force: true })
    const used = await this.#used
    if (used) used.bytes -= size
  }

  /** Ends all that goes on. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((file) => this.end(file)))
  }

  async #mayWrite(bytes: number): Promise<ProblemError | undefined> {
    this.#used ??= this.list().then((all) => ({ bytes: all.reduce((total, { sizeBytes }) => total + sizeBytes, 0) }))
    const used = await this.#used.catch((thrown: unknown) => {
      this.#used = undefined
      throw thrown
    })
    if (used.bytes + bytes > this.maxBytes) {
      return new ProblemError(
        'RECORDING_FAILED',
        `The recordings take ${Math.round(this.maxBytes / 1024 / 1024)} MB, which is the most that they may.`,
        { hint: 'Delete recordings, then record again.' },
      )
    }
    used.bytes += bytes
    return undefined
  }
}

async function headOf(path: string): Promise<{ title?: string | undefined; timestamp?: number | undefined }> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0)
      return readHeader(buffer.subarray(0, bytesRead).toString('utf8').split('\n')[0] ?? '')
    } finally {
      await handle.close()
    }
  } catch {
    return {}
  }
}
