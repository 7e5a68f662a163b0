import { randomUUID } from 'node:crypto'
import { type Sequence, type SequenceGuest, type SequenceRun, stepWords } from '../../src-shared/models/sequence'
import { ProblemError } from '../../src-shared/problem'
import { Lanes } from '../jobs/lanes'
import type { Consoles } from './consoles'
import type { ConsoleLane } from './lane'
import { SequenceMachine } from './sequence'
import { runSequence } from './sequence-run'

/** What is to be run, and on whose consoles. `answers` are in memory for as long as a guest needs them. */
export type SequenceWanted = {
  sequence: Sequence
  answers: Readonly<Record<string, string>>
  guests: readonly { hostId: string; guestId: string; name: string }[]
  who: string
}

/** Consoles at a time on one host; each is a session. */
const atOnce = 8
/** Runs that are kept to be looked at. */
const mostRuns = 20

/** Runs of sequences. They live here and not on a page, so that one may close meanwhile; they end with Domdeck. */
export class Sequences {
  readonly #runs = new Map<string, { run: SequenceRun; stops: Map<SequenceGuest, AbortController> }>()
  readonly #lanes = new Lanes(atOnce)
  readonly #watchers = new Set<() => void>()

  constructor(private readonly consoles: Pick<Consoles, 'brokerOf'>) {}

  /** BAD_INPUT when the sequence cannot be run as it is: an expression that makes no sense, or a field without an answer. */
  check(sequence: Sequence, answers?: Readonly<Record<string, string>>): void {
    new SequenceMachine(sequence, answers ?? {}, 0)
    const missing = answers && sequence.fields.find(({ name }) => !answers[name])
    if (missing) throw new ProblemError('BAD_INPUT', `${sequence.name} needs the ${missing.label.toLowerCase()}.`)
  }

  /** Begins on all guests, some at a time on each host; `page` is that of the person who asked. */
  start({ sequence, answers, guests, who }: SequenceWanted, page: ConsoleLane): { id: string } {
    this.check(sequence, answers)
    const run: SequenceRun = {
      id: randomUUID(),
      name: sequence.name,
      at: Date.now(),
      steps: sequence.steps.map(stepWords),
      guests: guests.map((guest) => ({ ...guest, state: 'waiting', step: 0, results: {} })),
    }
    const stops = new Map(run.guests.map((guest) => [guest, new AbortController()]))
    this.#runs.set(run.id, { run, stops })
    this.#forgetOldest()
    for (const [guest, { signal }] of stops) {
      this.#lanes.add(guest.hostId, async () => {
        if (signal.aborted) return
        this.#put(guest, { state: 'starting' })
        try {
          const broker = this.consoles.brokerOf(guest.hostId, guest.guestId)
          await runSequence(sequence, answers, { broker, page, who }, (part) => this.#put(guest, part), signal)
        } catch (thrown) {
          this.#put(guest, { state: 'failed', ...(thrown instanceof ProblemError ? { problem: thrown.problem } : {}) })
        }
      })
    }
    this.#changed()
    return { id: run.id }
  }

  /** Stops it, on one guest or on all that are not done; what was sent stays sent. NOT_FOUND for a run that is not kept. */
  cancel(id: string, guestId?: string): void {
    for (const [guest, stop] of this.#run(id).stops) {
      if (guestId !== undefined && guest.guestId !== guestId) continue
      stop.abort()
      if (guest.state === 'waiting') this.#put(guest, { state: 'cancelled' })
    }
  }

  /** Forgets a run; what is not done is stopped. */
  dismiss(id: string): void {
    this.cancel(id)
    this.#runs.delete(id)
    this.#changed()
  }

  /** All runs, the oldest first, now and whenever one has changed. */
  async *watch(signal?: AbortSignal): AsyncGenerator<SequenceRun[], void, undefined> {
    let wake: () => void = () => undefined
    let isNew = true
    const changed = () => {
      isNew = true
      wake()
    }
    this.#watchers.add(changed)
    signal?.addEventListener('abort', changed)
    try {
      while (!signal?.aborted) {
        if (isNew) {
          isNew = false
          yield structuredClone([...this.#runs.values()].map(({ run }) => run))
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      this.#watchers.delete(changed)
      signal?.removeEventListener('abort', changed)
    }
  }

  close(): void {
    for (const { stops } of this.#runs.values()) for (const stop of stops.values()) stop.abort()
  }

  #run(id: string) {
    const found = this.#runs.get(id)
    if (!found) throw new ProblemError('NOT_FOUND', 'This run of a sequence is over and forgotten.')
    return found
  }

  #put(guest: SequenceGuest, part: Partial<SequenceGuest>): void {
    const same = Object.entries(part).every(
      ([name, value]) => JSON.stringify(guest[name as keyof SequenceGuest]) === JSON.stringify(value),
    )
    if (same) return
    Object.assign(guest, part)
    this.#changed()
  }

  #forgetOldest(): void {
    const done = [...this.#runs].filter(([, { run }]) => run.guests.every(isOver))
    for (const [id] of done.slice(0, Math.max(0, this.#runs.size - mostRuns))) this.#runs.delete(id)
  }

  #changed(): void {
    for (const tell of this.#watchers) tell()
  }
}

const isOver = ({ state }: SequenceGuest): boolean => state === 'succeeded' || state === 'failed' || state === 'cancelled'
