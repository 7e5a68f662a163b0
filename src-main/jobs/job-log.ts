import { StringDecoder } from 'node:string_decoder'

/** What a running job may hold of its log in memory; the host has all of it. */
const maxBytes = 4 * 1024 * 1024

/** The log of a job under way, with readers that wait for more. */
export class JobLog {
  readonly #chunks: Buffer[] = []
  #firstByte = 0
  #bytes = 0
  #ended = false
  #wakers = new Set<() => void>()

  /** Bytes heard so far: where a new following begins. */
  get bytes(): number {
    return this.#bytes
  }

  append(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    while (this.#bytes - this.#firstByte > maxBytes && this.#chunks.length > 1)
      this.#firstByte += this.#chunks.shift()?.length ?? 0
    this.#wake()
  }

  /** No more will come; readers end. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  /** All that is held, then what comes, until the end or until `signal` aborts. */
  async *read(signal: AbortSignal): AsyncGenerator<{ text: string }, void, undefined> {
    const decoder = new StringDecoder('utf8')
    let at = 0
    while (!signal.aborted) {
      if (at < this.#firstByte) {
        yield { text: `[${this.#firstByte - at} bytes are not shown here; the whole log is on the host]\n` }
        at = this.#firstByte
      }
      const text = decoder.write(this.#from(at))
      at = this.#bytes
      if (text !== '') yield { text }
      else if (this.#ended) return
      else await this.#more(signal)
    }
  }

  #from(byte: number): Buffer {
    let first = this.#chunks.length
    let start = this.#bytes
    while (start > byte && first > 0) {
      first -= 1
      start -= this.#chunks[first]?.length ?? 0
    }
    return Buffer.concat(this.#chunks.slice(first)).subarray(byte - start)
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#wakers.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#wakers.add(done)
      signal.addEventListener('abort', done)
    })
  }

  #wake(): void {
    for (const waker of [...this.#wakers]) waker()
  }
}
