import type { ParsedKey } from 'ssh2'
import type { Question } from '../../src-shared/models/question'

/** A question before it is put to a person. `secret` names its answer in the memory of the host; without it an answer serves once. */
export type Asked = Omit<Question, 'id' | 'keychain'> & { secret?: string }

/** Whom a login asks. What is asked for and what is answered never goes into a problem or a log. */
export type Answers = {
  /** What was answered to an earlier question of this secret. */
  recall: (secret: string) => string | undefined
  /** It was refused, and is not used again. */
  forget: (secret: string) => void
  /** Waits for a person; an answer to a question with a `secret` can be recalled from then on. Rejects when none comes. */
  ask: (question: Asked) => Promise<string[]>
  /** Keys that a passphrase has opened, by path: opening one takes a third of a second or more (bcrypt). */
  readonly openedKeys: Map<string, ParsedKey>
}

/** The same memory, with another way to ask. */
export const withAsk = ({ recall, forget, openedKeys }: Answers, ask: Answers['ask']): Answers => ({
  recall,
  forget,
  openedKeys,
  ask,
})

/** Wrong answers that a person may give in one login: OpenSSH's NumberOfPasswordPrompts. */
export const mostAttempts = 3

/**
 * Tries the answer that is remembered, then those of a person, until one works. `refusal` says why the question comes again.
 * An empty answer means to go on without it, as it does to ssh.
 */
export async function tryAnswers(
  answers: Answers,
  question: Omit<Asked, 'attempt' | 'problem'> & { secret: string },
  refusal: string,
  works: (answer: string) => boolean | Promise<boolean>,
): Promise<'worked' | 'refused' | 'skipped'> {
  const { secret } = question
  const kept = answers.recall(secret)
  let problem: string | undefined
  if (kept !== undefined) {
    if (await works(kept)) return 'worked'
    answers.forget(secret)
    problem = refusal
  }
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const [answer = ''] = await answers.ask({ ...question, attempt, ...(problem ? { problem } : {}) })
    if (answer !== '' && (await works(answer))) return 'worked'
    answers.forget(secret)
    if (answer === '') return 'skipped'
    problem = refusal
  }
  return 'refused'
}
