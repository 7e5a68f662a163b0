import type { Sequence, SequenceStep } from '../../src-shared/models/sequence'
import { type Match, Pattern } from './pattern'
import { PlainText } from './plain-text'

/** What a machine wants done, and until when it waits. */
export type Turn = {
  /** Bytes for the console, in order. */
  send: string[]
  /** When to look again, in ms of the clock that it is given; undefined once it is over. */
  wakeAt: number | undefined
  /** The step that it is at, from 0. */
  step: number
  outcome?: { state: 'succeeded' } | { state: 'failed'; why: string; lastLines: string[] }
}

const settleMs = 250
const enterEveryMs = 10_000
const mostLines = 8
const longestLine = 200

/** The steps of one sequence on one console. Pure but for its own state: all it knows of time and output is what it is told. */
export class SequenceMachine {
  readonly results: Record<string, string> = {}
  readonly #text = new PlainText()
  #step = -1
  #pattern: Pattern | undefined
  #unless: Pattern | undefined
  /** When the step began, when Enter was last pressed, and when anything last came. */
  #begunAt = 0
  #enteredAt = 0
  #outputAt: number
  #settled = true
  #tail = ''
  #over = false

  /** `answers` are what was asked for, by the names of the fields. BAD_INPUT for an expression that cannot be waited for. */
  constructor(
    private readonly sequence: Sequence,
    private readonly answers: Readonly<Record<string, string>>,
    now: number,
  ) {
    this.#outputAt = now
    for (const step of sequence.steps) if (step.do === 'wait') new Pattern(step.text, step)
  }

  /** Begins with the first step. */
  begin(now: number): Turn {
    return this.#turn(now, (send) => this.#next(now, send))
  }

  /** Output of the console. */
  output(chunk: Uint8Array, now: number): Turn {
    return this.#turn(now, (send) => {
      if (this.#over) return undefined
      this.#outputAt = now
      this.#settled = false
      let text = this.#text.push(chunk)
      this.#tail = (this.#tail + text).slice(-mostLines * longestLine)
      for (;;) {
        const found = this.#pattern?.push(text)
        const refused = this.#unless?.push(text)
        if (refused && !(found && found.length <= refused.length)) return this.#fail(`“${this.#waiting()?.unless}” came instead`)
        if (!found) return undefined
        const outcome = this.#found(found, now, send)
        if (outcome) return outcome
        // The rest is for the next step, as it would be in another chunk.
        text = text.slice(found.length)
      }
    })
  }

  /** Time has passed. */
  tick(now: number): Turn {
    return this.#turn(now, (send) => {
      const step = this.sequence.steps[this.#step]
      if (this.#over || !step || step.do === 'send') return undefined
      if (step.do === 'quiet') {
        if (now >= Math.max(this.#outputAt, this.#begunAt) + step.forS * 1000) return this.#next(now, send)
      } else {
        if (!this.#settled && now >= this.#outputAt + settleMs) {
          this.#settled = true
          const found = this.#pattern?.settle()
          if (found) return this.#found(found, now, send)
        }
        if (step.enter && now >= this.#enteredAt + enterEveryMs) {
          this.#enteredAt = now
          send.push('\r')
        }
      }
      if (now < this.#begunAt + step.withinS * 1000) return undefined
      return this.#fail(
        step.do === 'quiet' ? `it was never quiet for ${step.forS} s` : `“${step.text}” did not come within ${step.withinS} s`,
      )
    })
  }

  /** The last lines that came: control characters made visible, and nothing that is secret. */
  lastLines(): string[] {
    const secrets = this.sequence.fields.filter(({ secret }) => secret).map(({ name }) => this.answers[name] ?? '')
    const tail = secrets.filter((secret) => secret !== '').reduce((text, secret) => text.replaceAll(secret, '•••'), this.#tail)
    const lines = tail.split('\n').map((line) => visible(line).slice(-longestLine))
    return lines.filter((line) => line.trim() !== '').slice(-mostLines)
  }

  #turn(now: number, act: (send: string[]) => Turn['outcome']): Turn {
    const send: string[] = []
    const outcome = act(send)
    return {
      send,
      wakeAt: this.#over ? undefined : this.#wakeAt(now),
      step: Math.max(0, this.#step),
      ...(outcome ? { outcome } : {}),
    }
  }

  #waiting(): Extract<SequenceStep, { do: 'wait' }> | undefined {
    const step = this.sequence.steps[this.#step]
    return step?.do === 'wait' ? step : undefined
  }

  #found({ groups }: Match, now: number, send: string[]): Turn['outcome'] {
    const name = this.#waiting()?.result
    if (name !== undefined) this.results[name] = visible(groups[0] ?? '')
    return this.#next(now, send)
  }

  /** Goes on to the next step that waits, and does what stands before it. */
  #next(now: number, send: string[]): Turn['outcome'] {
    for (;;) {
      this.#step += 1
      const step = this.sequence.steps[this.#step]
      this.#pattern = undefined
      this.#unless = undefined
      this.#begunAt = now
      if (!step) {
        this.#step -= 1
        this.#over = true
        return { state: 'succeeded' }
      }
      if (step.do === 'send') {
        send.push(unescaped(step.text, this.answers))
        continue
      }
      if (step.do === 'wait') {
        this.#pattern = new Pattern(step.text, step)
        if (step.unless) this.#unless = new Pattern(step.unless, { regex: false })
        if (step.enter) {
          this.#enteredAt = now
          send.push('\r')
        }
      }
      return undefined
    }
  }

  #fail(why: string): Turn['outcome'] {
    this.#over = true
    return { state: 'failed', why, lastLines: this.lastLines() }
  }

  #wakeAt(now: number): number {
    const step = this.sequence.steps[this.#step]
    if (!step || step.do === 'send') return now
    const end = this.#begunAt + step.withinS * 1000
    if (step.do === 'quiet') return Math.min(end, Math.max(this.#outputAt, this.#begunAt) + step.forS * 1000)
    const settle = this.#settled ? end : this.#outputAt + settleMs
    return Math.min(end, settle, step.enter ? this.#enteredAt + enterEveryMs : end)
  }
}

/** What a text of a step sends: its escapes and fields put in. What a person answered is sent as it is. */
function unescaped(text: string, answers: Readonly<Record<string, string>>): string {
  return text.replace(/\\(x[0-9a-fA-F]{2}|.)|\{([a-z][a-z0-9_]*)\}/gs, (whole, escaped?: string, name?: string) => {
    if (name !== undefined) return answers[name] ?? whole
    if (escaped === undefined) return whole
    if (escaped.length === 3) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    return { r: '\r', n: '\n', t: '\t', e: '\x1b' }[escaped] ?? escaped
  })
}

/** Control characters as the pictures that Unicode has of them. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is made visible
  return text.replace(/[\x00-\x1f\x7f]/g, (character) =>
    character === '\x7f' ? '␡' : String.fromCharCode(0x2400 + character.charCodeAt(0)),
  )
}
