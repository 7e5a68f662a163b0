/** Events for one reader, in order. They are few and small: states of a console, steps of a test; never bytes of a stream. */
export class EventQueue<T> implements AsyncIterable<T> {
  #waiting: T[] = []
  #ended = false
  #wake: () => void = () => undefined

  push(event: T): void {
    if (this.#ended) return
    this.#waiting.push(event)
    this.#wake()
  }

  /** The reader gets what is waiting, then the end. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const event = this.#waiting.shift()
      if (event !== undefined) yield event
      else if (this.#ended) return
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }
}
