import { type FormEvent, type ReactNode, useId } from 'react'
import type { Job } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import { useCall } from '../api/use-call'
import { Button, Dialog, Note, ProblemNote } from '../ui'
import { startOperation } from './actions'
import { CopyScript } from './CopyScript'
import { WaitNote } from './WaitNote'

type CallDialogProps = {
  title: string
  beside: string
  /** On the one solid button. */
  verb: string
  hostId: string
  /** What would be started; undefined while what is typed is not enough for it. */
  call: OperationCall | undefined
  /** Why it cannot be started now, in a few words. */
  refused: string | undefined
  /** The fields, and what is to be known. */
  children: ReactNode
  onStarted?(job: Job): void
  onClose(): void
}

/** A short form for one call: it closes when the job has started, and says what stood in the way when it has not. */
export function CallDialog({ title, beside, verb, hostId, call, refused, children, onStarted, onClose }: CallDialogProps) {
  const { busy, problem, run } = useCall()
  const form = useId()
  const blocked = busy || call === undefined || refused !== undefined
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (blocked) return
    const job = await run(() => startOperation(hostId, call))
    if (!job) return
    onStarted?.(job)
    onClose()
  }
  return (
    <Dialog
      title={title}
      beside={<span className="f2">{beside}</span>}
      width={560}
      onClose={onClose}
      footer={
        <>
          <span className="sp" />
          {call && <CopyScript hostId={hostId} call={call} />}
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form={form} disabled={blocked}>
            {verb}
          </Button>
        </>
      }
    >
      <form id={form} className="dform" noValidate onSubmit={(event) => void submit(event)}>
        {children}
        {refused && <Note tone="amber">It cannot be done now: {refused}.</Note>}
        {call && <WaitNote hostId={hostId} call={call} />}
        {problem && <ProblemNote problem={problem} />}
      </form>
    </Dialog>
  )
}
