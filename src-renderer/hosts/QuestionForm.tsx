import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { Question } from '../../src-shared/models/question'
import { useCall } from '../api/use-call'
import { Checkbox, Note, ProblemNote, TextInput } from '../ui'

/** The id of the form, for the button in the footer of the dialog that sends it. */
export const questionFormId = 'answer'

/** What a login asks, with a field for each answer. What is typed stays here until it is sent, and is gone with the form. */
export function QuestionForm({
  question,
  onAnswer,
}: {
  question: Question
  onAnswer(answers: string[], remember: boolean): Promise<void>
}) {
  const [answers, setAnswers] = useState<readonly string[]>(() => question.fields.map(() => ''))
  const [remember, setRemember] = useState(false)
  const call = useCall()
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void call.run(() => onAnswer([...answers], remember))
  }
  const { keychain, problem } = question
  return (
    <form id={questionFormId} className="question" noValidate onSubmit={submit}>
      <h3>{question.title}</h3>
      {question.instruction && <p className="f2 said-so">{question.instruction}</p>}
      {problem && (
        <div role="alert">
          <Note tone="amber" icon="alert">
            {problem}
          </Note>
        </div>
      )}
      {question.fields.map((field, index) => (
        <TextInput
          // biome-ignore lint/suspicious/noArrayIndexKey: a field is its place
          key={index}
          // What a host asks in its own words may be longer than a label at the side.
          stacked={question.kind === 'prompts'}
          label={field.prompt.replace(/\s*:$/, '')}
          secret={!field.echo}
          {...(index === 0 ? { inputRef: first } : {})}
          value={answers[index] ?? ''}
          onChange={(value) => setAnswers((before) => before.with(index, value))}
        />
      ))}
      {keychain && question.fields.length > 0 && (
        <div className="keep">
          <Checkbox checked={remember} disabled={keychain.refusal !== undefined} onChange={setRemember}>
            Keep it in the keychain of this workstation
          </Checkbox>
          {keychain.refusal && <p className="f3">{keychain.refusal}</p>}
        </div>
      )}
      {call.problem && <ProblemNote problem={call.problem} />}
    </form>
  )
}
