import type { Sequence, SequenceGuest } from '../../src-shared/models/sequence'
import { ProblemError, toProblem } from '../../src-shared/problem'
import type { Attachment } from './attachment'
import type { ConsoleBroker } from './broker'
import type { ConsoleLane, StreamEnd } from './lane'
import { SequenceMachine, type Turn } from './sequence'

/** How long a guest may take until its console is there: a clone is made and booted first. */
const startMs = 15 * 60_000

export type SequenceTarget = {
  broker: ConsoleBroker
  /** The page that asked: whoever types on it is the same person. */
  page: ConsoleLane
  who: string
}

/**
 * Runs a sequence on one console, as a viewer of it without a pane. It writes only where nobody else does: CONSOLE_BUSY says who, and also
 * when somebody takes the console over meanwhile. Tells how it goes, and resolves when it is over, however it went.
 */
export async function runSequence(
  sequence: Sequence,
  answers: Readonly<Record<string, string>>,
  { broker, page, who }: SequenceTarget,
  tell: (part: Partial<SequenceGuest>) => void,
  signal: AbortSignal,
): Promise<void> {
  let take: (bytes: Uint8Array) => void = () => undefined
  const attachment = broker.attach(
    viewerLane((bytes) => take(bytes)),
    `${who}: ${sequence.name}`,
  )
  let timer: NodeJS.Timeout | undefined
  let writer: Attachment | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => reject(signal.reason)
      if (signal.aborted) return onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      let machine: SequenceMachine | undefined
      let history = 0
      /** What was told before that is of whoever wrote before. */
      let writes = false
      const handle = (turn: Turn): void => {
        clearTimeout(timer)
        tell({ step: turn.step, results: { ...machine?.results } })
        for (const text of turn.send) attachment.input(new TextEncoder().encode(text))
        const { outcome } = turn
        if (outcome?.state === 'failed') {
          tell({ lastLines: outcome.lastLines })
          const { lastLines } = outcome
          reject(stepFailed(turn.step, outcome.why, lastLines))
        } else if (outcome) resolve()
        else if (turn.wakeAt !== undefined) timer = setTimeout(tick, Math.max(0, turn.wakeAt - Date.now()))
      }
      const tick = (): void => {
        if (machine) handle(machine.tick(Date.now()))
      }
      take = (bytes) => {
        // What was there before is over; a prompt that stands comes again by Enter.
        const rest = bytes.subarray(Math.min(history, bytes.length))
        history -= bytes.length - rest.length
        if (machine && rest.length > 0) handle(machine.output(rest, Date.now()))
      }
      const begin = (): void => {
        if (machine) return
        try {
          writer = broker.borrowWriter(attachment, page)
          machine = new SequenceMachine(sequence, answers, Date.now())
          tell({ state: 'running' })
          handle(machine.begin(Date.now()))
        } catch (thrown) {
          reject(thrown)
        }
      }
      timer = setTimeout(() => {
        const why = `Its console was not there within ${startMs / 60_000} minutes.`
        reject(new ProblemError('CONSOLE_FAILED', why, { hint: 'Look whether the guest runs, and run the sequence again.' }))
      }, startMs)
      const follow = async (): Promise<void> => {
        for await (const event of attachment.events) {
          if (event.type === 'history-end') {
            history = event.bytes
            attachment.start()
          } else if (event.type === 'status') {
            const { status } = event
            if (status.state === 'attached' || status.state === 'reattached') begin()
            else if (status.state === 'busy') {
              reject(new ProblemError('CONSOLE_BUSY', `The console is held by ${status.holder} (pid ${status.pid}).`))
            } else if (status.state === 'failed')
              reject(new ProblemError('CONSOLE_FAILED', status.problem.detail, status.problem))
          } else if (event.type === 'writer' && event.self) writes = true
          else if (event.type === 'writer' && writes) {
            reject(
              new ProblemError('CONSOLE_BUSY', `${event.who ?? 'Somebody'} has taken the console over.`, {
                hint: 'Run it again when the console is free.',
              }),
            )
          }
        }
        reject(new ProblemError('CONSOLE_FAILED', 'The console was closed.'))
      }
      follow().catch(reject)
    })
    tell({ state: 'succeeded' })
  } catch (thrown) {
    tell(signal.aborted ? { state: 'cancelled' } : { state: 'failed', problem: toProblem(thrown) })
  } finally {
    clearTimeout(timer)
    // The pane that typed before types again.
    if (writer) broker.handBack(attachment, writer)
    attachment.close()
  }
}

function stepFailed(step: number, why: string, lastLines: readonly string[]): ProblemError {
  const seen = lastLines.length > 0 ? 'Read the last lines that came.' : 'Nothing came: look at the console.'
  return new ProblemError('CONSOLE_FAILED', `Step ${step + 1}: ${why}.`, { hint: `${seen} Then run it again.` })
}

/** A lane of one viewer that takes all it is given. */
function viewerLane(take: (bytes: Uint8Array) => void): ConsoleLane {
  let viewer: StreamEnd | undefined
  return {
    open(end) {
      viewer = end
      return 1
    },
    forget: () => undefined,
    send(_stream, bytes) {
      take(bytes)
      // Not at once, or a flood would leave no turn to anything else.
      setImmediate(() => viewer?.ack(bytes.length))
    },
    get: () => viewer,
  }
}
