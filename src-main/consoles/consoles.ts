import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import type { ByteLane } from '../../src-shared/duplex'
import type { ConsoleEvent } from '../../src-shared/models/console'
import { ProblemError } from '../../src-shared/problem'
import { Attachment } from './attachment'
import { ConsoleBroker } from './broker'
import { GuestSource } from './guest-source'
import { type ConsoleLane, openLane } from './lane'
import type { ConsoleHost } from './reader'

/** What consoles need of the fleet. */
export type ConsoleFleet = {
  get(hostId: string): ConsoleHost
  onHost(listener: (host: ConsoleHost) => void): () => void
}

const lingerMs = 5_000

/** All consoles of all hosts that somebody looks at. */
export class Consoles {
  readonly #brokers = new Map<string, { hostId: string; broker: ConsoleBroker; source: GuestSource }>()
  readonly #mark = `${plain(userInfo().username)}@${plain(hostname())}/${randomUUID()}`
  readonly #stop: () => void

  constructor(
    private readonly fleet: ConsoleFleet,
    private readonly options: { lingerMs?: number; now?: () => number } = {},
  ) {
    this.#stop = fleet.onHost((host) => {
      for (const { hostId, source } of this.#brokers.values()) if (hostId === host.settings.id) source.bindHost(host)
    })
  }

  /** Binds the byte half of a page's duplex; when it closes, so do the page's panes. */
  openLane(bytes: ByteLane): ConsoleLane {
    return openLane(bytes)
  }

  /**
   * Opens a pane on a guest's hvc0: first `opened` with the number of its stream, then what happens to it. Bytes follow on the
   * lane once that was taken. Ends with the signal or the lane; ending it closes the pane. NOT_FOUND for an unknown host.
   */
  async *attach(
    lane: ConsoleLane,
    { hostId, guestId, who }: { hostId: string; guestId: string; who: string },
    signal?: AbortSignal,
  ): AsyncGenerator<ConsoleEvent, void, undefined> {
    if (signal?.aborted) return
    const attachment = this.#broker(hostId, guestId).attach(lane, who)
    const stop = () => attachment.close()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      for await (const event of attachment.events) {
        yield event
        if (event.type === 'opened') attachment.start()
      }
    } finally {
      signal?.removeEventListener('abort', stop)
      attachment.close()
    }
  }

  /** Makes this pane the writer of its console. */
  takeWriter(lane: ConsoleLane, stream: number): void {
    const { attachment, broker } = this.#pane(lane, stream)
    broker.takeWriter(attachment)
  }

  /** Ends the process `pid` if it still holds this pane's console, and attaches. CONSOLE_BUSY when the console stays held. */
  async evict(lane: ConsoleLane, stream: number, pid: number): Promise<void> {
    await this.#pane(lane, stream).broker.evict(pid)
  }

  /** Sends text at a guest's pace; resolves when all is sent. CONSOLE_BUSY for a pane that is not the writer. */
  async paste(lane: ConsoleLane, stream: number, text: string, signal?: AbortSignal): Promise<void> {
    const { attachment, broker } = this.#pane(lane, stream)
    await broker.paste(attachment, text, signal)
  }

  /** Ends all readers. */
  close(): void {
    this.#stop()
    for (const { broker } of [...this.#brokers.values()]) broker.close()
  }

  #broker(hostId: string, guestId: string): ConsoleBroker {
    const key = `${hostId} ${guestId}`
    const known = this.#brokers.get(key)
    if (known) return known.broker
    const source = new GuestSource(this.fleet.get(hostId), guestId, { mark: this.#mark, now: this.options.now ?? Date.now })
    const broker = new ConsoleBroker(source, {
      lingerMs: this.options.lingerMs ?? lingerMs,
      onClosed: () => void this.#brokers.delete(key),
    })
    this.#brokers.set(key, { hostId, broker, source })
    return broker
  }

  #pane(lane: ConsoleLane, stream: number): { attachment: Attachment; broker: ConsoleBroker } {
    const end = lane.get(stream)
    if (end instanceof Attachment && end.owner instanceof ConsoleBroker) return { attachment: end, broker: end.owner }
    throw new ProblemError('NOT_FOUND', 'This console pane is closed.', { hint: 'Open the console again.' })
  }
}

/** The mark travels in a process environment and back through `sed`: letters, digits, dots and dashes only. */
function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, '-')
}
