import { useEffect, useRef, useState } from 'react'
import type { Preview } from '../../src-shared/contract/jobs'
import type { Host } from '../../src-shared/models/host'
import type { OperationCall } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { attempt } from '../frame/notices'
import { Button, CodeBlock, Dialog, LoadingRows, Note, ProblemNote, TextInput } from '../ui'
import { countWords } from '../ui/words'
import { startOperation } from './actions'
import { LocksNote } from './WaitNote'

type CallsDialogProps = {
  /** Names the object and the consequence, as a question. */
  title: string
  /** What happens, in a sentence. */
  text: string
  verb: string
  host: Host
  /** Each becomes a job. */
  calls: readonly OperationCall[]
  onClose(): void
}

const dangerWords = {
  none: undefined,
  interrupts: 'This interrupts the guest.',
  destroys: 'This cannot be taken back.',
}
const rank = ['none', 'interrupts', 'destroys'] as const

/** Asks before calls that nobody typed are started as jobs, with the exact commands in sight. */
export function CallsDialog({ title, text, verb, host, calls, onClose }: CallsDialogProps) {
  const hostId = host.settings.id
  const planned = useCall()
  const [previews, setPreviews] = useState<readonly Preview[]>()
  const [typed, setTyped] = useState('')
  const cancel = useRef<HTMLButtonElement>(null)
  const { run } = planned
  useEffect(() => {
    void run(() => Promise.all(calls.map((call) => currentClient().jobs.preview({ hostId, call })))).then(setPreviews)
  }, [run, calls, hostId])

  const danger = rank.findLast((one) => previews?.some((preview) => preview.danger === one)) ?? 'none'
  const mustType = danger === 'destroys' && calls.length > 1
  const allowed = previews !== undefined && (!mustType || typed.trim() === String(calls.length))
  const start = (): void => {
    if (!allowed) return
    onClose()
    for (const call of calls) void attempt(verb, () => startOperation(hostId, call))
  }
  return (
    <Dialog
      title={title}
      beside={<span className="f2">on {host.settings.name}</span>}
      width={720}
      initialFocus={cancel}
      onClose={onClose}
      footer={
        <>
          <span className="f2">{countWords(calls.length, 'job')}, to be followed like any other</span>
          <span className="sp" />
          <Button ref={cancel} keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind={danger === 'destroys' ? 'danger' : 'primary'} disabled={!allowed} onClick={start}>
            {verb}
          </Button>
        </>
      }
    >
      <form
        className="calls"
        onSubmit={(event) => {
          event.preventDefault()
          start()
        }}
      >
        <p>{text}</p>
        {dangerWords[danger] && <Note tone={danger === 'destroys' ? 'red' : 'amber'}>{dangerWords[danger]}</Note>}
        {planned.problem && <ProblemNote problem={planned.problem} />}
        {!previews && !planned.problem && <LoadingRows rows={4} height={16} label="Planning" />}
        {previews && (
          <>
            <LocksNote hostId={hostId} locks={previews.flatMap((preview) => preview.locks)} />
            <CodeBlock label="Commands" text={previews.map((preview) => preview.script).join('\n')} maxHeight={260} />
          </>
        )}
        {mustType && (
          <TextInput label={`Type ${calls.length} to confirm`} stacked value={typed} onChange={setTyped} inputMode="numeric" />
        )}
      </form>
    </Dialog>
  )
}
