import type { ConsoleLog } from './console-log'

// A link that breaks takes along what was on its way, and while nobody reads, xenconsoled keeps no more than the first and the last of a
// megabyte (xen 4.17 tools/console/daemon/io.c, buffer_append). Its log has it all, and has it before a reader gets it.

/** So much of what was shown last is looked for, to know where the log goes on. */
const tailBytes = 1024
/** Less would be found in places where it does not belong. */
const leastTailBytes = 64
/** So much of the log is read at once: a slow host gives that in time. */
const readBytes = 2 ** 20
/** How far back the log is searched for what was shown last. */
const searchedBytes = 64 * 2 ** 20
/** What the reader says is kept to that much, until it is known where it joins the log. */
const heldBytes = 2 ** 20
/** A reader that says nothing for so long has said what there was. */
const quietMs = 500
/** More than this is not shown at once. */
const mostBytes = 256 * 2 ** 20

/** What was shown last of a console. */
export class Tail {
  #bytes: Buffer = Buffer.alloc(0)

  get bytes(): Buffer {
    return this.#bytes
  }

  add(chunk: Uint8Array): void {
    const all = chunk.length >= tailBytes ? Buffer.from(chunk) : Buffer.concat([this.#bytes, chunk])
    this.#bytes = Buffer.from(all.subarray(-tailBytes))
  }
}

export type GapOptions = {
  log: ConsoleLog
  /** What was shown before the link was lost; it goes on to be added to by `output`. */
  tail: Tail
  output(chunk: Buffer): void
  /** Resolves once more may be given out. */
  room(): Promise<void>
}

/**
 * Fills what was lost between the last byte shown and a new reader from the log, then lets the reader through: no byte twice, none left out.
 * Where the log does not have the last bytes shown, or there is none, the reader is let through as it is.
 */
export class Gap {
  #held: Buffer[] = []
  #heldBytes = 0
  /** All that the reader has said. */
  #taken = 0
  /** Whether the log has the time before each line. */
  #hasTimes = false
  #isOver = false
  #wake: () => void = () => undefined

  constructor(private readonly options: GapOptions) {}

  /** What the new reader says, until `fill` resolves. */
  take(chunk: Buffer): void {
    if (this.#isOver) {
      this.options.output(chunk)
      return
    }
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
    this.#taken += chunk.length
    while (this.#heldBytes - (this.#held[0]?.length ?? 0) > heldBytes) this.#heldBytes -= this.#held.shift()?.length ?? 0
    this.#wake()
  }

  /** No more is wanted: the reader is gone. */
  end(): void {
    this.#isOver = true
    this.#held = []
    this.#wake()
  }

  /** Resolves to whether nothing is missing now. Rejects as the log does; what the reader said has been given out then, too. */
  async fill(): Promise<boolean> {
    try {
      const at = await this.#search()
      return at !== undefined && (await this.#follow(at))
    } finally {
      this.#letThrough(0)
    }
  }

  /** Gives out what the log has behind the last bytes shown, looking backwards; resolves to where to go on reading. */
  async #search(): Promise<number | undefined> {
    const { log, tail } = this.options
    const wanted = tail.bytes
    if (wanted.length < leastTailBytes) return undefined
    const last = await log.read(-readBytes, readBytes)
    if (!last) return undefined
    const end = last.from + last.bytes.length
    let all = last.bytes
    for (let from = last.from; !this.#isOver; ) {
      for (const hasTimes of isTimed(all) ? [true, false] : [false]) {
        const bytes = hasTimes ? withoutTimes(all) : all
        const found = bytes.lastIndexOf(wanted)
        if (found < 0) continue
        this.#hasTimes = hasTimes
        await this.#give(bytes.subarray(found + wanted.length))
        return end
      }
      if (from === 0 || all.length >= searchedBytes) return undefined
      // Twice as much each time, so that little is searched again.
      const before: Buffer[] = []
      for (const until = Math.max(0, from - all.length); from > until; ) {
        const limit = Math.min(readBytes, from - until)
        const part = await log.read(from - limit, limit)
        if (part?.bytes.length !== limit) return undefined
        before.unshift(part.bytes)
        from -= limit
      }
      all = Buffer.concat([...before, all])
    }
    return undefined
  }

  /** Reads the log to its end, and on, until what the reader says joins it. False when the log does not go on. */
  async #follow(from: number): Promise<boolean> {
    const { log, tail } = this.options
    let at = from
    let isQuiet = false
    while (!this.#isOver && at - from < mostBytes) {
      const takenBefore = this.#taken
      const part = await log.read(at, readBytes)
      // It was rotated: what is missing is in another file.
      if (!part || part.size < at) return false
      const isEnd = at + part.bytes.length >= part.size
      const bytes = isEnd || !this.#hasTimes ? part.bytes : wholeLines(part.bytes)
      await this.#give(this.#hasTimes ? withoutTimes(bytes) : bytes)
      at += bytes.length
      if (!isEnd) continue
      // What the reader says is in the log before: had it said something else, there would be more in the log.
      if (isQuiet && bytes.length === 0 && this.#taken === takenBefore) {
        this.#letThrough(this.#heldBytes)
        return true
      }
      const joint = await this.#joint(tail.bytes)
      if (typeof joint === 'number') {
        this.#letThrough(joint)
        return true
      }
      isQuiet = joint === 'quiet'
    }
    return false
  }

  /** Where in what is held the bytes after `last` begin, once it is there; else that the reader is quiet, or has gone past it. */
  async #joint(last: Buffer): Promise<number | 'quiet' | 'past'> {
    const until = this.#taken + 4 * heldBytes
    while (!this.#isOver && this.#taken < until) {
      const held = Buffer.concat(this.#held)
      this.#held = [held]
      const found = held.lastIndexOf(last)
      if (found >= 0) return found + last.length
      await this.options.room()
      const before = this.#taken
      await this.#more()
      if (this.#taken === before) return 'quiet'
    }
    return 'past'
  }

  /** Resolves with the next that the reader says, or after a while without. */
  #more(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, quietMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async #give(bytes: Buffer): Promise<void> {
    if (this.#isOver || bytes.length === 0) return
    this.options.output(bytes)
    await this.options.room()
  }

  /** From here on the reader speaks for itself; what it has said up to `from` is known. */
  #letThrough(from: number): void {
    if (this.#isOver) return
    this.#isOver = true
    const rest = Buffer.concat(this.#held).subarray(from)
    this.#held = []
    if (rest.length > 0) this.options.output(rest)
  }
}

const time = String.raw`\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] `

/** Whether xenconsoled puts the time before each line (--timestamp=guest). */
function isTimed(bytes: Buffer): boolean {
  const lines = bytes
    .subarray(0, 64 * 1024)
    .toString('latin1')
    .split('\n')
    .slice(1, -1)
  return lines.length > 0 && lines.every((line) => new RegExp(`^${time}`).test(line))
}

function withoutTimes(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(new RegExp(`^${time}`, 'gm'), ''), 'latin1')
}

/** Up to the end of the last line that is whole; all of it if none is. */
function wholeLines(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf('\n') + 1
  return end > 0 ? bytes.subarray(0, end) : bytes
}
