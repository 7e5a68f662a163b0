import './sequences.css'
import { type FormEvent, useId, useState } from 'react'
import { type Sequence, stepWords } from '../../src-shared/models/sequence'
import { useCall } from '../api/use-call'
import { guestById, useFleet } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { Button, Dialog, Field, ProblemNote } from '../ui'
import { Select } from '../ui/Select'
import { countWords } from '../ui/words'
import { type SequenceTarget, sequencesFor, startSequence, usualAnswers } from './runs'
import { SequenceFields } from './SequenceFields'

/** Asks which sequence runs on these guests, and for what that needs. `sequence` is one to try, saved or not. */
export function RunDialog({
  guests,
  sequence,
  onClose,
}: {
  guests: readonly SequenceTarget[]
  sequence?: Sequence | undefined
  onClose(): void
}) {
  const bases = useFleet.getState()
  const [offered] = useState(() =>
    sequence ? [sequence] : sequencesFor(guests.map(({ hostId, guestId }) => guestById(bases, hostId, guestId)?.origin?.base)),
  )
  const [chosen, setChosen] = useState(() => offered[0] as Sequence)
  const [answers, setAnswers] = useState(() => usualAnswers(chosen))
  const [tried, setTried] = useState(false)
  const call = useCall()
  const form = useId()
  const [only] = guests

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (chosen.fields.some(({ name }) => !answers[name])) return
    void call.run(async () => {
      const id = await startSequence(chosen, answers, guests)
      showDialog({ kind: 'sequence-run', id })
    })
  }
  return (
    <Dialog
      title="Run a sequence"
      beside={<span className="f2">on {guests.length === 1 ? only?.name : countWords(guests.length, 'guest')}</span>}
      width={560}
      onClose={onClose}
      footer={
        <>
          <Button kind="ghost" icon="pencil" onClick={() => showDialog({ kind: 'sequences' })}>
            Edit sequences
          </Button>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" icon="play" keys="Enter" submit form={form} disabled={call.busy}>
            Run
          </Button>
        </>
      }
    >
      <form id={form} className="dform" noValidate onSubmit={submit}>
        <Field label="Sequence">
          <Select
            label="Sequence"
            value={chosen.name}
            options={offered.map(({ name, base }) => ({ value: name, label: name, ...(base ? { tag: base } : {}) }))}
            onChange={(name) => {
              const next = offered.find((one) => one.name === name)
              if (!next) return
              setChosen(next)
              setAnswers(usualAnswers(next))
              setTried(false)
            }}
          />
        </Field>
        <SequenceFields sequence={chosen} answers={answers} missing={tried} onChange={setAnswers} />
        <Field label="Steps" help="It types only where nobody else does, and stops when somebody takes the console over.">
          <ol className="seq-steps">
            {chosen.steps.map((step, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
              <li key={index} className="mono">
                {stepWords(step)}
              </li>
            ))}
          </ol>
        </Field>
        {call.problem && <ProblemNote problem={call.problem} />}
      </form>
    </Dialog>
  )
}
