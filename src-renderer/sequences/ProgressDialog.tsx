import './sequences.css'
import type { SequenceGuest, SequenceRun } from '../../src-shared/models/sequence'
import { currentClient } from '../api/page'
import { attempt } from '../frame/notices'
import { Button, Dialog, Glyph, Icon, LinkButton } from '../ui'
import { countWords } from '../ui/words'
import { useSequences } from './runs'

const words: Record<SequenceGuest['state'], string> = {
  waiting: 'waits for its turn',
  starting: 'waits for its console',
  running: 'runs',
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
}
const isOver = ({ state }: SequenceGuest): boolean => state === 'succeeded' || state === 'failed' || state === 'cancelled'

/** How a run of a sequence goes on each guest. It goes on when the dialog is closed. */
export function ProgressDialog({ id, onClose }: { id: string; onClose(): void }) {
  const run = useSequences(({ runs }) => runs.find((one) => one.id === id))
  const left = run?.guests.filter((guest) => !isOver(guest)).length ?? 0
  const failed = run?.guests.filter(({ state }) => state === 'failed').length ?? 0
  const cancel = (guestId?: string): void =>
    void attempt('Cancel the sequence', () => currentClient().sequences.cancel({ id, ...(guestId ? { guestId } : {}) }))
  return (
    <Dialog
      title={run?.name ?? 'Sequence'}
      width={640}
      onClose={onClose}
      footer={
        <>
          <span className="f2" role="status">
            {left > 0 ? `${countWords(left, 'guest')} to go` : failed > 0 ? `failed on ${countWords(failed, 'guest')}` : 'done'}
          </span>
          <span className="sp" />
          {left > 0 && <Button onClick={() => cancel()}>Cancel all</Button>}
          <Button keys="Esc" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      {run ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className="seq-guests" aria-label="Guests" tabIndex={0}>
          {run.guests.map((guest) => (
            <GuestLine key={`${guest.hostId}/${guest.guestId}`} run={run} guest={guest} onCancel={() => cancel(guest.guestId)} />
          ))}
        </section>
      ) : (
        <div className="ask">It begins.</div>
      )}
    </Dialog>
  )
}

function GuestLine({ run, guest, onCancel }: { run: SequenceRun; guest: SequenceGuest; onCancel(): void }) {
  const { state, step, problem, lastLines } = guest
  const results = Object.entries(guest.results)
  return (
    <div className="seq-guest" data-guest={guest.name} data-state={state}>
      <div className="ln">
        {state === 'succeeded' ? <Icon name="check" size="s" className="green" /> : <Glyph shape={glyphs[state]} label="" />}
        <b className="el">{guest.name}</b>
        <span className="f2">{words[state]}</span>
        {(state === 'running' || state === 'failed') && (
          <span className="f3 el">
            step {step + 1} of {run.steps.length}: {run.steps[step]}
          </span>
        )}
        {results.map(([name, value]) => (
          <span key={name} className="mono">
            {name} {value}
          </span>
        ))}
        <span className="sp" />
        {!isOver(guest) && <LinkButton onClick={onCancel}>Cancel</LinkButton>}
      </div>
      {state === 'failed' && problem && (
        <p className="seq-why">
          {problem.detail} <span className="f2">{problem.hint}</span>
        </p>
      )}
      {state === 'failed' && lastLines && lastLines.length > 0 && <pre className="seq-last">{lastLines.join('\n')}</pre>}
    </div>
  )
}

const glyphs = { waiting: 'queued', starting: 'booting', running: 'booting', failed: 'crashed', cancelled: 'queued' } as const
