/** No line is looked at beyond this at once: longer ones come in pieces. */
export const longestLineBytes = 4096

/** Cuts a stream where its lines end, whatever pieces it comes in. Keeps no more than a line of it. */
export class LineCutter {
  #rest: Buffer = Buffer.alloc(0)

  /** What has come of the last line. */
  get rest(): Buffer {
    return this.#rest
  }

  /** The lines that are complete with this chunk, as they came; the last one has its line end unless it is very long. */
  push(chunk: Uint8Array): Buffer {
    const bytes =
      this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    const end = Math.max(bytes.lastIndexOf(0x0a), bytes.lastIndexOf(0x0d)) + 1
    const isLong = bytes.length - end > longestLineBytes
    // A copy: a few bytes must not keep a whole network buffer alive.
    this.#rest = isLong ? Buffer.alloc(0) : Buffer.from(bytes.subarray(end))
    return isLong ? bytes : bytes.subarray(0, end)
  }

  /** Forgets the last line, which will never be complete. */
  reset(): void {
    this.#rest = Buffer.alloc(0)
  }
}
