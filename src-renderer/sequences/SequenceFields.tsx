import type { Sequence } from '../../src-shared/models/sequence'
import { TextInput } from '../ui'

/** What a sequence asks for when it runs. */
export function SequenceFields({
  sequence,
  answers,
  missing,
  onChange,
}: {
  sequence: Sequence
  answers: Readonly<Record<string, string>>
  /** Says of empty ones that they are. */
  missing: boolean
  onChange(answers: Record<string, string>): void
}) {
  return sequence.fields.map(({ name, label, secret }) => (
    <TextInput
      key={name}
      label={label}
      secret={secret}
      value={answers[name] ?? ''}
      error={missing && !answers[name] ? `Enter the ${label.toLowerCase()}.` : undefined}
      onChange={(value) => onChange({ ...answers, [name]: value })}
    />
  ))
}
