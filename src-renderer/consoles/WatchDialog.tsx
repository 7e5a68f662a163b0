import { type FormEvent, useRef, useState } from 'react'
import type { ConsoleWatch } from '../../src-shared/models/console'
import type { Problem } from '../../src-shared/problem'
import { asProblem } from '../api/problem'
import { Button, Checkbox, Dialog, Field, NumberStepper, ProblemNote, Segmented, TextInput } from '../ui'
import { sessionOf } from './session'
import { takeKeys, useConsoles } from './store'

const longestText = 200
const longestSeconds = 86_400

/** Asks what a pane should wait for, and stops that. */
export function WatchDialog({ paneId, onClose }: { paneId: string; onClose(): void }) {
  const pane = useConsoles((state) => state.panes.get(paneId))
  const before = useConsoles((state) => state.facts.get(paneId)?.watch)
  const [kind, setKind] = useState<ConsoleWatch['for']>(before?.for ?? 'text')
  const [text, setText] = useState(before?.for === 'text' ? before.text : '')
  const [isPattern, setPattern] = useState(before?.for === 'text' && before.isPattern)
  const [ignoresCase, setIgnoresCase] = useState(before?.for === 'text' ? before.ignoresCase : true)
  const [seconds, setSeconds] = useState(before?.for === 'quiet' ? before.seconds : 30)
  const [lasts, setLasts] = useState(before?.lasts ?? false)
  const [tried, setTried] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const first = useRef<HTMLInputElement>(null)
  if (!pane) return null
  const error = kind === 'text' ? textError(text, isPattern) : undefined
  const close = (): void => {
    onClose()
    takeKeys(paneId)
  }
  const set = (watch: ConsoleWatch | undefined): void =>
    void sessionOf(pane)
      .watch(watch)
      .then(close, (failure) => setProblem(asProblem(failure)))
  const send = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (error !== undefined) return
    set(kind === 'text' ? { for: kind, text, isPattern, ignoresCase, lasts } : { for: kind, seconds, lasts })
  }
  return (
    <Dialog
      title={`Tell me of the console of ${pane.name}`}
      initialFocus={first}
      onClose={close}
      footer={
        <>
          {before && <Button onClick={() => set(undefined)}>Stop waiting</Button>}
          <span className="sp" />
          <Button keys="Esc" onClick={close}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form="watch">
            Tell me
          </Button>
        </>
      }
    >
      <form id="watch" className="dform" noValidate onSubmit={send}>
        <Field label="When">
          <Segmented<ConsoleWatch['for']>
            label="When"
            value={kind}
            options={[
              { value: 'text', label: 'a text appears' },
              { value: 'quiet', label: 'it is quiet' },
            ]}
            onChange={setKind}
          />
        </Field>
        {kind === 'text' ? (
          <>
            <TextInput
              label="Text"
              mono
              inputRef={first}
              value={text}
              onChange={setText}
              error={tried ? error : undefined}
              help="In what comes from now on, a line at a time."
            />
            <Field label="">
              <Checkbox checked={isPattern} onChange={setPattern}>
                Regular expression
              </Checkbox>
            </Field>
            <Field label="">
              <Checkbox checked={ignoresCase} onChange={setIgnoresCase}>
                Upper and lower case alike
              </Checkbox>
            </Field>
          </>
        ) : (
          <Field label="For" help="While the console is attached and nothing comes from it.">
            <NumberStepper label="For" unit="s" value={seconds} onChange={setSeconds} min={1} max={longestSeconds} width={128} />
          </Field>
        )}
        <Field label="" help="At most every ten seconds; otherwise once.">
          <Checkbox checked={lasts} onChange={setLasts}>
            Again and again
          </Checkbox>
        </Field>
        {problem && <ProblemNote problem={problem} />}
      </form>
    </Dialog>
  )
}

function textError(text: string, isPattern: boolean): string | undefined {
  if (text === '') return 'Type what to wait for.'
  if (text.length > longestText) return `At most ${longestText} characters can be waited for; this has ${text.length}.`
  if (!isPattern) return undefined
  try {
    new RegExp(text)
    return undefined
  } catch (error) {
    return `${error instanceof Error ? error.message : 'This is no regular expression'}.`
  }
}
