import { flowSizes } from './flow'

/** How far to look for a line end when the oldest bytes go. */
const searchBytes = 4096

/**
 * The last bytes of a console, addressed by their place in the whole stream, so that each pane is only a place in it. Bytes
 * are copied into blocks that are never written again: what `read` returns stays valid, and one typed character does not
 * keep a whole network buffer alive.
 */
export class Ring {
  #blocks: { start: number; bytes: Uint8Array; used: number }[] = []
  #start = 0
  #end = 0

  /** In bytes: `capacity` is kept at least, and up to one block more. */
  constructor(
    private readonly capacity: number = flowSizes.ring,
    private readonly block: number = flowSizes.block,
  ) {}

  /** The place of the oldest byte to replay: after a line end, or at least at the start of a character. */
  get start(): number {
    return this.#start
  }

  /** The place of the next byte to come. */
  get end(): number {
    return this.#end
  }

  append(chunk: Uint8Array): void {
    let rest = chunk
    while (rest.length > 0) {
      let last = this.#blocks.at(-1)
      if (!last || last.used === last.bytes.length) {
        last = { start: this.#end, bytes: new Uint8Array(this.block), used: 0 }
        this.#blocks.push(last)
      }
      const part = rest.subarray(0, last.bytes.length - last.used)
      last.bytes.set(part, last.used)
      last.used += part.length
      this.#end += part.length
      rest = rest.subarray(part.length)
    }
  }

  /** The bytes from `place` on, as far as they lie in one piece; empty at the end. */
  read(place: number): Uint8Array {
    for (let index = this.#blocks.length - 1; index >= 0; index--) {
      const block = this.#blocks[index]
      if (block && place >= block.start) return block.bytes.subarray(place - block.start, block.used)
    }
    return new Uint8Array(0)
  }

  /** Lets go of what exceeds the capacity, but of nothing from `needed` on: a pane has yet to get that. */
  trim(needed: number): void {
    let first = this.#blocks[0]
    while (first) {
      const next = first.start + first.used
      if (next > needed || this.#end - next < this.capacity) return
      this.#blocks.shift()
      first = this.#blocks[0]
      this.#start = next + (first ? safeStart(first.bytes.subarray(0, first.used)) : 0)
    }
  }
}

/** Where a terminal can begin to read: behind a line end, so within no escape sequence; without one, at a whole UTF-8 character. */
export function safeStart(bytes: Uint8Array): number {
  const newline = bytes.subarray(0, searchBytes).indexOf(0x0a)
  if (newline >= 0) return newline + 1
  const character = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80)
  return character < 0 ? bytes.length : character
}
