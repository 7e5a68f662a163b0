import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import type { ByteLane } from '../../src-shared/duplex'
import type { ConsoleEvent, ConsoleWatch, GuestAddress, Shell } from '../../src-shared/models/console'
import { ProblemError } from '../../src-shared/problem'
import type { TerminalSize } from '../ssh/remote-process'
import { guestAddresses } from './addresses'
import { Attachment } from './attachment'
import { ConsoleBroker } from './broker'
import { guestLogin } from './guest-login'
import { GuestSource } from './guest-source'
import { type ConsoleLane, openLane } from './lane'
import type { ConsoleHost } from './reader'
import { RecordedSource } from './recorded-source'
import type { Recordings } from './recordings'
import { ShellSource } from './shell-source'

/** What consoles need of the fleet. */
export type ConsoleFleet = {
  get(hostId: string): ConsoleHost
  hosts(): readonly ConsoleHost[]
  onHost(listener: (host: ConsoleHost) => void): () => void
}

/** Which pane is to be opened. */
export type PaneWanted = {
  hostId: string
  guestId: string
  who: string
  /** A shell instead of the console; it begins with `open`, unless it is open already. */
  shell?: Shell | undefined
  open?: boolean | undefined
  size?: TerminalSize | undefined
  /** What the pane waits for, from the first new byte on. */
  watch?: ConsoleWatch | undefined
}

export type ConsolesOptions = {
  recordings: Recordings
  /** Whether the console of this guest is recorded whenever it is attached. */
  isRecordedAlways(guestId: string): boolean
  lingerMs?: number
  now?: () => number
}

/** What stands behind the panes on one console or shell. */
type Opened = { key: string; hostId: string; broker: ConsoleBroker; source: GuestSource | ShellSource; recorded: RecordedSource }

const lingerMs = 5_000

/** All consoles of all hosts that somebody looks at. */
export class Consoles {
  readonly #brokers = new Map<string, Opened>()
  readonly #mark = `${plain(userInfo().username)}@${plain(hostname())}/${randomUUID()}`
  readonly #stops: (() => void)[] = []

  constructor(
    private readonly fleet: ConsoleFleet,
    private readonly options: ConsolesOptions,
  ) {
    const follow = (host: ConsoleHost): void => {
      for (const { hostId, source } of this.#brokers.values()) if (hostId === host.settings.id) source.bindHost(host)
      const look = (): void => {
        for (const { source } of [...this.#brokers.values()]) if (source instanceof GuestSource) source.look()
      }
      this.#stops.push(host.on('guests', look))
    }
    this.#stops.push(fleet.onHost(follow))
  }

  /** Binds the byte half of a page's duplex; when it closes, so do the page's panes. */
  openLane(bytes: ByteLane): ConsoleLane {
    return openLane(bytes)
  }

  /**
   * Opens a pane on a guest's hvc0, or on a shell: first `opened` with the number of its stream, then what happens to it. Bytes follow on the
   * lane once that was taken. Ends with the signal or the lane; ending it closes the pane. NOT_FOUND for an unknown host,
   * BAD_INPUT for a `watch` with a broken pattern.
   */
  async *attach(lane: ConsoleLane, wanted: PaneWanted, signal?: AbortSignal): AsyncGenerator<ConsoleEvent, void, undefined> {
    if (signal?.aborted) return
    const { broker, source } = this.#broker(wanted)
    const attachment = broker.attach(lane, wanted.who)
    if (wanted.size) broker.resize(attachment, wanted.size)
    if (wanted.open && source instanceof ShellSource) void source.retry()
    const stop = () => attachment.close()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      broker.watch(attachment, wanted.watch)
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

  /** The broker of a guest's console, for who views it without a pane. NOT_FOUND for an unknown host. */
  brokerOf(hostId: string, guestId: string): ConsoleBroker {
    return this.#broker({ hostId, guestId }).broker
  }

  /** What this pane waits for from now on. BAD_INPUT for a broken pattern. */
  watch(lane: ConsoleLane, stream: number, watch: ConsoleWatch | undefined): void {
    const { attachment, broker } = this.#pane(lane, stream)
    broker.watch(attachment, watch)
  }

  /** Takes the mark of trouble off a console, in all its panes. */
  dismissMark(lane: ConsoleLane, stream: number): void {
    this.#pane(lane, stream).broker.dismissMark()
  }

  /** The size of a pane, which a shell that it writes to takes. */
  resize(lane: ConsoleLane, stream: number, size: TerminalSize): void {
    const { attachment, broker } = this.#pane(lane, stream)
    broker.resize(attachment, size)
  }

  /** Records the console of this pane from now on, with the size of this pane; `input` records what is typed, too. */
  record(lane: ConsoleLane, stream: number, size: TerminalSize, input: boolean): void {
    const { recorded } = this.#pane(lane, stream)
    recorded.recordedSize(size)
    recorded.record(input)
  }

  /** Ends the recording of the console of this pane; resolves when it is on disk. */
  stopRecording(lane: ConsoleLane, stream: number): Promise<void> {
    return this.#pane(lane, stream).recorded.stopRecording()
  }

  /** Answers what the login of this pane's shell asks; see `ShellSource.answer`. */
  answer(lane: ConsoleLane, stream: number, questionId: string, answers: readonly string[]): void {
    this.#shell(lane, stream).answer(questionId, answers)
  }

  /** Trusts the host key that the guest of this pane's shell has shown; see `ShellSource.trust`. */
  trust(lane: ConsoleLane, stream: number, fingerprint: string): Promise<void> {
    return this.#shell(lane, stream).trust(fingerprint)
  }

  /** What a host knows of the addresses of a guest, the surest first. */
  addresses(hostId: string, guestId: string): Promise<GuestAddress[]> {
    return guestAddresses(this.fleet.get(hostId), guestId)
  }

  /** Ends all readers and shells. */
  close(): void {
    for (const stop of this.#stops) stop()
    for (const { broker } of [...this.#brokers.values()]) broker.close()
  }

  #broker({ hostId, guestId, shell, size }: Omit<PaneWanted, 'who'>): Opened {
    const key = [hostId, guestId, ...(shell ? [shell.id] : [])].join(' ')
    const known = this.#brokers.get(key)
    if (known) return known
    const host = this.fleet.get(hostId)
    const now = this.options.now ?? Date.now
    const source = shell
      ? shellSource(host, guestId, shell, { size, now })
      : new GuestSource(host, guestId, {
          mark: this.#mark,
          now,
          elsewhere: (here) => this.#hostsOf(guestId).filter(({ settings }) => settings.id !== here),
          move: (to) => this.#move(added, to, guestId),
        })
    const recorded = new RecordedSource(source, {
      recordings: this.options.recordings,
      title: () => `${source.name} on ${this.fleet.get(added.hostId).settings.name}`,
      onChange: (problem) => broker.tellRecording(recorded.recording, problem?.problem),
    })
    const broker: ConsoleBroker = new ConsoleBroker(recorded, {
      now,
      // What a shell prints about a kernel, such as that of dom0, is no trouble of the guest.
      hasKernel: shell === undefined,
      lingerMs: this.options.lingerMs ?? lingerMs,
      onClosed: () => void this.#brokers.delete(added.key),
    })
    const added: Opened = { key, hostId, broker, source, recorded }
    this.#brokers.set(key, added)
    if (!shell && this.options.isRecordedAlways(guestId)) recorded.record(false)
    return added
  }

  /** Hosts where this guest runs. */
  #hostsOf(guestId: string): ConsoleHost[] {
    return this.fleet
      .hosts()
      .filter(({ connection, guests }) => connection.phase === 'ready' && guests.get(guestId)?.domid !== undefined)
  }

  /** A guest has moved to another host; false when its console there is shown by panes of its own already. */
  #move(opened: Opened, host: ConsoleHost, guestId: string): boolean {
    const hostId = host.settings.id
    const key = [hostId, guestId].join(' ')
    if (this.#brokers.has(key)) return false
    this.#brokers.delete(opened.key)
    this.#brokers.set(key, Object.assign(opened, { key, hostId }))
    opened.broker.tellMoved(hostId)
    return true
  }

  #shell(lane: ConsoleLane, stream: number): ShellSource {
    const { source } = this.#pane(lane, stream)
    if (source instanceof ShellSource) return source
    throw new ProblemError('BAD_INPUT', 'This pane is a console, which asks nothing.')
  }

  #pane(lane: ConsoleLane, stream: number): Opened & { attachment: Attachment } {
    const end = lane.get(stream)
    const opened = end instanceof Attachment && [...this.#brokers.values()].find(({ broker }) => broker === end.owner)
    if (opened) return { ...opened, attachment: end }
    throw new ProblemError('NOT_FOUND', 'This console pane is closed.', { hint: 'Open the console again.' })
  }
}

function shellSource(
  host: ConsoleHost,
  guestId: string,
  shell: Shell,
  options: { size: TerminalSize | undefined; now(): number },
): ShellSource {
  if (shell.kind === 'host') {
    return new ShellSource(host, {
      ...options,
      name: ({ settings }) => settings.name,
      domid: () => 0,
      opener: { open: (on, size, { signal }) => on.openShell(shell.as, size, { signal }) },
    })
  }
  const nameOn = (on: ConsoleHost): string => on.guests.get(guestId)?.name ?? guestId
  return new ShellSource(host, {
    ...options,
    name: nameOn,
    domid: (on) => on.guests.get(guestId)?.domid ?? 0,
    opener: guestLogin(guestId, () => nameOn(host), shell),
  })
}

/** The mark travels in a process environment and back through `sed`: letters, digits, dots and dashes only. */
function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, '-')
}
