import { randomUUID } from 'node:crypto'
import type { ParsedKey } from 'ssh2'
import type { Question } from '../../src-shared/models/question'
import { ProblemError } from '../../src-shared/problem'
import type { Answers, Asked } from '../ssh/answers'
import type { Keychain } from './keychain'

/** sshd ends a login after LoginGraceTime, 120 s unless it is set otherwise; ours ends before that, so that both know why. */
const defaultDeadlineMs = 110_000

type Open = {
  question: Question
  secret: string | undefined
  /** The login that waits; undefined when its connection has ended meanwhile. */
  waiting: { resolve(answers: string[]): void; reject(error: Error): void } | undefined
}

export type QuestionsOptions = {
  hostId: string
  hostName(): string
  keychain: Keychain | undefined
  /** How long a connection waits for an answer. */
  deadlineMs?: number | undefined
  onAsk(question: Question): void
}

/**
 * What the logins of one host ask a person, and the answers that may be used again: in memory until the person disconnects, and in the
 * keychain where the person wishes so. A question outlives the connection that asked it.
 */
export class Questions {
  readonly #memory = new Map<string, string>()
  readonly #openedKeys = new Map<string, ParsedKey>()
  /** To be kept in the keychain once they have let us in. */
  readonly #wished = new Set<string>()
  #stored: ReadonlyMap<string, string> | undefined
  #open: Open | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(private readonly options: QuestionsOptions) {}

  /** For one login. */
  readonly answers: Answers = {
    recall: (secret) => this.#memory.get(secret),
    forget: (secret) => void this.#memory.delete(secret),
    ask: (asked) => this.#ask(asked),
    openedKeys: this.#openedKeys,
  }

  /** Brings what the keychain holds to memory, once. A keychain that cannot be read is one that holds nothing: then the person is asked. */
  load(): Promise<void> | undefined {
    const { keychain, hostId } = this.options
    if (!keychain || this.#stored) return undefined
    return keychain.read(hostId).then(
      (secrets) => {
        this.#stored = new Map(Object.entries(secrets))
        for (const [name, secret] of this.#stored) if (!this.#memory.has(name)) this.#memory.set(name, secret)
      },
      () => undefined,
    )
  }

  /** The login went through: keeps in the keychain what the person wished, and removes from it what was refused. */
  async settle(): Promise<void> {
    const { keychain, hostId } = this.options
    const stored = this.#stored ?? new Map<string, string>()
    const names = [...stored.keys()].filter((name) => this.#memory.get(name) === stored.get(name))
    const kept = new Map(
      [...names, ...this.#wished].flatMap((name) => {
        const secret = this.#memory.get(name)
        return secret === undefined ? [] : [[name, secret] as const]
      }),
    )
    const same = kept.size === stored.size && [...kept].every(([name, secret]) => stored.get(name) === secret)
    this.#wished.clear()
    this.#stored = kept
    if (keychain && !same) await keychain.write(hostId, Object.fromEntries(kept))
  }

  /** Gives the open question its answers; false when no connection waits for them any more, and the host is to be dialled again. */
  answer(questionId: string, answers: readonly string[], remember = false): boolean {
    const { hostName, keychain } = this.options
    const open = this.#open
    if (!open || open.question.id !== questionId) {
      throw new ProblemError('BAD_INPUT', `${hostName()} does not wait for this answer any more.`, {
        hint: 'Look at what it asks now, and answer that.',
      })
    }
    const { question, secret, waiting } = open
    if (answers.length !== question.fields.length) {
      throw new ProblemError('BAD_INPUT', `${hostName()} asks for ${question.fields.length} answers, not ${answers.length}.`)
    }
    if (answers.some((answer) => /[\n\r\0]/.test(answer))) {
      throw new ProblemError('BAD_INPUT', `An answer to ${hostName()} is one line of text.`)
    }
    if (remember) {
      const refusal = keychain ? keychain.refusal() : 'The browser shell keeps no passwords.'
      if (refusal || secret === undefined) {
        throw new ProblemError('BAD_INPUT', refusal ?? `What ${hostName()} asks for serves once and cannot be kept.`, {
          hint: 'Answer without keeping it: Domdeck remembers it until you disconnect.',
        })
      }
      this.#wished.add(secret)
    }
    const [first] = answers
    if (secret !== undefined && first) this.#memory.set(secret, first)
    this.#close()
    waiting?.resolve([...answers])
    return waiting !== undefined
  }

  /**
   * The connection that asked has ended, because of `problem`. Returns the question that is still open: an answer that may be used
   * again is worth giving now; one that served for that login only is asked for anew by the next.
   */
  leave(problem: string): Question | undefined {
    const open = this.#open
    if (!open) return undefined
    clearTimeout(this.#timer)
    open.waiting?.reject(new Error('The connection has ended.'))
    const once = open.secret === undefined
    const next = once ? 'Go on to be asked anew.' : 'Your answer connects again.'
    const question = { ...open.question, ...(once ? { fields: [] } : {}), problem: `${problem} ${next}` }
    this.#open = { ...open, question, waiting: undefined }
    return question
  }

  /** Nobody waits for an answer any more. */
  drop(): void {
    this.#open?.waiting?.reject(new Error('The connection has ended.'))
    this.#close()
  }

  /** Forgets every answer, but for those in the keychain. */
  forget(): void {
    this.drop()
    this.#memory.clear()
    this.#openedKeys.clear()
    this.#wished.clear()
    this.#stored = undefined
  }

  /** Forgets every answer, in the keychain too. */
  async discard(): Promise<void> {
    this.forget()
    await this.options.keychain?.write(this.options.hostId, {})
  }

  #ask({ secret, ...asked }: Asked): Promise<string[]> {
    const { hostName, keychain, deadlineMs = defaultDeadlineMs, onAsk } = this.options
    const refusal = keychain?.refusal()
    const question: Question = {
      id: randomUUID(),
      ...asked,
      ...(keychain && secret !== undefined ? { keychain: refusal ? { refusal } : {} } : {}),
    }
    this.drop()
    return new Promise((resolve, reject) => {
      this.#open = { question, secret, waiting: { resolve, reject } }
      this.#timer = setTimeout(() => {
        const detail = `Nobody answered within ${deadlineMs / 1000} s, and ${hostName()} lets no login wait longer (LoginGraceTime).`
        reject(new ProblemError('CONNECTION_TIMED_OUT', detail))
      }, deadlineMs)
      onAsk(question)
    })
  }

  #close(): void {
    clearTimeout(this.#timer)
    this.#open = undefined
  }
}
