import { useRef } from 'react'
import type { ConsoleStatus } from '../../src-shared/models/console'
import { useCall } from '../api/use-call'
import { KeyLines } from '../hosts/ConnectionView'
import { QuestionForm, questionFormId } from '../hosts/QuestionForm'
import { CompareKey } from '../trust/CompareKey'
import { Button, Dialog, Note, ProblemNote } from '../ui'
import type { Session } from './session'

/** What a login to a guest needs of a person: a host key to compare, or answers. Nothing in any other state. */
export function LoginDialog({
  status,
  session,
  name,
  onClose,
}: {
  status: ConsoleStatus
  session: Session
  name: string
  onClose(): void
}) {
  if (status.state === 'asking') return <Asking question={status.question} session={session} name={name} onClose={onClose} />
  if (status.state === 'failed' && status.presentedKey)
    return <Unknown presented={status.presentedKey} hint={status.problem.hint} session={session} name={name} onClose={onClose} />
  return null
}

type Question = Extract<ConsoleStatus, { state: 'asking' }>['question']
type Presented = NonNullable<Extract<ConsoleStatus, { state: 'failed' }>['presentedKey']>
type Common = { session: Session; name: string; onClose(): void }

function Asking({ question, session, name, onClose }: Common & { question: Question }) {
  const first = useRef<HTMLButtonElement>(null)
  const nothing = question.fields.length === 0
  return (
    <Dialog
      title={`Log in to ${name}`}
      width={480}
      {...(nothing ? { initialFocus: first } : {})}
      onClose={onClose}
      footer={
        <>
          <span className="f2">Remembered until the pane is closed, and kept nowhere.</span>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            Later
          </Button>
          <Button ref={first} kind="primary" keys="Enter" submit form={questionFormId}>
            {nothing ? 'Go on' : 'Log in'}
          </Button>
        </>
      }
    >
      <div className="dform">
        <QuestionForm
          key={`${question.id} ${question.fields.length}`}
          question={question}
          onAnswer={(answers) => session.answer(question.id, answers)}
        />
      </div>
    </Dialog>
  )
}

function Unknown({ presented, hint, session, name, onClose }: Common & { presented: Presented; hint: string }) {
  const call = useCall()
  const first = useRef<HTMLButtonElement>(null)
  const { algorithm, fingerprint } = presented
  return (
    <Dialog
      title={`Host key of ${name}`}
      width={560}
      initialFocus={first}
      onClose={onClose}
      footer={
        <>
          <span className="sp" />
          <Button ref={first} keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" icon="key" disabled={call.busy} onClick={() => void call.run(() => session.trust(fingerprint))}>
            Trust this key
          </Button>
        </>
      }
    >
      <div className="dform">
        <Note tone="amber" icon="key">
          <b>{name} shows a key that this workstation has not seen before</b>
          <div className="f2">{hint}</div>
        </Note>
        <KeyLines algorithm={algorithm} fingerprint={fingerprint} />
        <CompareKey keyType={algorithm} fingerprint={fingerprint} />
        {call.problem && <ProblemNote problem={call.problem} />}
      </div>
    </Dialog>
  )
}
