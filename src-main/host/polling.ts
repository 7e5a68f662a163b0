/** Finds what xenstore does not announce: pause, memory, files. */
const pollMs = 10_000
/** Facts and latency are read anew with every so many polls. */
const pollsPerProbe = 6

export type PollingOptions = {
  /** Reads guests and bases. */
  refresh(): Promise<void>
  /** Reads facts and latency. */
  probe(): Promise<void>
  onError(thrown: unknown): void
}

/** Looks at a host from time to time, as long as a connection lives. */
export class Polling {
  /** Facts are others by now; they are read with the next poll, for a host that makes guests has better things to do. */
  probeDue = false
  #timer: NodeJS.Timeout | undefined

  constructor(private readonly options: PollingOptions) {}

  /** Polls until the signal aborts. */
  start(signal: AbortSignal): void {
    signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true })
    this.#pollLater(signal, 1)
  }

  #pollLater(signal: AbortSignal, count: number): void {
    this.#timer = setTimeout(async () => {
      try {
        if (this.probeDue || count % pollsPerProbe === 0) await this.options.probe()
        await this.options.refresh()
      } catch (thrown) {
        if (!signal.aborted) this.options.onError(thrown)
      }
      if (!signal.aborted) this.#pollLater(signal, count + 1)
    }, pollMs)
  }
}
