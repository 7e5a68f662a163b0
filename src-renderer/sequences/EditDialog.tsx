import './sequences.css'
import { useState } from 'react'
import { dom0Id } from '../../src-shared/models/console'
import { builtInSequences, type Sequence, type SequenceStep, sequenceSchema } from '../../src-shared/models/sequence'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { focusedPane } from '../consoles/layout'
import { useConsoles } from '../consoles/store'
import { showDialog } from '../frame/dialogs'
import { usePreferences } from '../frame/preferences'
import { Button, Checkbox, Dialog, Field, IconButton, LinkButton, ProblemNote, TextInput } from '../ui'
import { Select } from '../ui/Select'
import { saveSequence, useSequences } from './runs'
import { StepRow } from './StepRow'

const none: readonly Sequence[] = []
const fresh: Sequence = { name: '', fields: [], steps: [{ do: 'wait', text: '', regex: false, withinS: 30 }] }
const freshSteps: Record<SequenceStep['do'], SequenceStep> = {
  wait: { do: 'wait', text: '', regex: false, withinS: 30 },
  send: { do: 'send', text: '\\r' },
  quiet: { do: 'quiet', forS: 2, withinS: 60 },
}

/** One's own sequences: chosen at the top, written below. What is being written stays while it is tried. */
export function EditDialog({ onClose }: { onClose(): void }) {
  const own = usePreferences((preferences) => preferences.sequences) ?? none
  const kept = useSequences(({ draft }) => draft)
  const [before, setBefore] = useState<string | undefined>(own.some(({ name }) => name === kept?.name) ? kept?.name : undefined)
  const [draft, setDraft] = useState<Sequence>(kept ?? fresh)
  const [tried, setTried] = useState(false)
  const call = useCall()
  const consoles = useConsoles.getState()
  const pane = consoles.panes.get(focusedPane(consoles) ?? '')
  const target = pane && !pane.shell && pane.guestId !== dom0Id ? pane : undefined

  const change = (part: Partial<Sequence>): void => setDraft((now) => ({ ...now, ...part }))
  const open = (sequence: Sequence, name: string | undefined): void => {
    setDraft(sequence)
    setBefore(name)
    setTried(false)
    call.clear()
  }
  const checked = sequenceSchema.safeParse(draft)
  const taken = [...own, ...builtInSequences].some(({ name }) => name === draft.name.trim() && name !== before)
  const errorAt = (...path: (string | number)[]): string | undefined => {
    if (!tried) return undefined
    if (path[0] === 'name' && taken) return 'There is a sequence of this name.'
    return checked.error?.issues.find((issue) => path.every((part, index) => issue.path[index] === part))?.message
  }
  /** The draft when it makes sense, on the main side too. */
  const check = async (): Promise<Sequence | undefined> => {
    setTried(true)
    if (!checked.success || taken) return undefined
    const sequence = checked.data
    return call.run(async () => {
      await currentClient().sequences.check({ sequence })
      return sequence
    })
  }
  const save = async (): Promise<void> => {
    const sequence = await check()
    if (!sequence) return
    saveSequence(before, sequence)
    useSequences.setState({ draft: undefined })
    onClose()
  }
  const tryIt = async (): Promise<void> => {
    const sequence = await check()
    if (!sequence || !target) return
    useSequences.setState({ draft: sequence })
    showDialog({
      kind: 'run-sequence',
      guests: [{ hostId: target.hostId, guestId: target.guestId, name: target.name }],
      sequence,
    })
  }
  const move = (index: number, by: 1 | -1): void => {
    const step = draft.steps[index]
    if (step) change({ steps: draft.steps.toSpliced(index, 1).toSpliced(index + by, 0, step) })
  }
  return (
    <Dialog
      title="Sequences"
      width={760}
      onClose={onClose}
      footer={
        <>
          {before !== undefined && (
            <Button
              kind="ghost"
              icon="trash"
              onClick={() => {
                saveSequence(before, undefined)
                open(fresh, undefined)
              }}
            >
              Delete {before}
            </Button>
          )}
          <span className="sp" />
          <Button
            disabled={!target || call.busy}
            title={target ? undefined : 'No console has the focus'}
            onClick={() => void tryIt()}
          >
            Try it on {target?.name ?? 'the focused console'}
          </Button>
          <Button kind="primary" disabled={call.busy} onClick={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <div className="dform seq-form">
        <Field label="Edit">
          <Select
            label="Edit"
            value={before ?? ''}
            options={[
              { value: '', label: 'A new sequence' },
              ...own.map(({ name, base }) => ({ value: name, label: name, tag: base })),
            ]}
            onChange={(name) => open(own.find((one) => one.name === name) ?? fresh, name || undefined)}
          />
          {before === undefined && (
            <div className="help">
              Begin with{' '}
              {builtInSequences.map((one) => (
                <LinkButton key={one.name} onClick={() => open({ ...one, name: `My ${one.name}` }, undefined)}>
                  {one.name}
                </LinkButton>
              ))}
            </div>
          )}
        </Field>
        <TextInput label="Name" value={draft.name} error={errorAt('name')} onChange={(name) => change({ name })} />
        <TextInput
          label="For base"
          value={draft.base ?? ''}
          error={errorAt('base')}
          help="Offered to guests of this base only; to all when it is empty."
          onChange={(base) => change({ base: base === '' ? undefined : base })}
        />
        <Field label="Asks for" help="{name} in a text that is sent stands for what was asked for.">
          {draft.fields.map((field, index) => {
            const put = (part: Partial<typeof field>): void => change({ fields: draft.fields.with(index, { ...field, ...part }) })
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a field is its place
              <div key={index} className="seq-field">
                <TextInput
                  label={`Name of field ${index + 1}`}
                  stacked
                  mono
                  value={field.name}
                  error={errorAt('fields', index, 'name')}
                  onChange={(name) => put({ name })}
                />
                <TextInput
                  label={`Label of field ${index + 1}`}
                  stacked
                  value={field.label}
                  error={errorAt('fields', index, 'label')}
                  onChange={(label) => put({ label })}
                />
                <Checkbox checked={field.secret} onChange={(secret) => put({ secret })}>
                  Secret
                </Checkbox>
                <IconButton
                  icon="trash"
                  label={`Remove field ${index + 1}`}
                  onClick={() => change({ fields: draft.fields.toSpliced(index, 1) })}
                />
              </div>
            )
          })}
          <LinkButton
            onClick={() =>
              change({ fields: [...draft.fields, { name: `field${draft.fields.length + 1}`, label: '', secret: false }] })
            }
          >
            Add a field
          </LinkButton>
        </Field>
        <Field
          label="Steps"
          help={'In a text to send, \\r is Enter and \\x03 is Ctrl+C.'}
          error={errorAt('steps') && draft.steps.length === 0 ? 'Add a step.' : undefined}
        >
          <ol className="seq-edit">
            {draft.steps.map((step, index) => (
              <StepRow
                // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
                key={index}
                step={step}
                number={index + 1}
                last={index === draft.steps.length - 1}
                error={errorAt('steps', index)}
                onChange={(next) => change({ steps: draft.steps.with(index, next) })}
                onMove={(by) => move(index, by)}
                onRemove={() => change({ steps: draft.steps.toSpliced(index, 1) })}
              />
            ))}
          </ol>
          <div className="ln">
            {(['wait', 'send', 'quiet'] as const).map((kind) => (
              <LinkButton key={kind} onClick={() => change({ steps: [...draft.steps, freshSteps[kind]] })}>
                {{ wait: 'Add a wait', send: 'Add a text to send', quiet: 'Add a wait for quiet' }[kind]}
              </LinkButton>
            ))}
          </div>
        </Field>
        {call.problem && <ProblemNote problem={call.problem} />}
      </div>
    </Dialog>
  )
}
