import { createContext, Script } from 'node:vm'
import type { ConsoleWatch } from '../../src-shared/models/console'
import { plainText } from '../../src-shared/plain-text'
import { type Problem, ProblemError } from '../../src-shared/problem'
import { LineCutter, longestLineBytes } from './lines'

/** A line that has stood for this long, such as a prompt, is looked at before it ends. */
const standsMs = 200
/** After it has told, a lasting watch is deaf for this long. */
export const deafMs = 10_000
const longestShown = 200

export type WatchListener = {
  /** What was waited for has come; `line` is the one that has it. A watch that does not last is over. */
  hit(line: string | undefined): void
  /** It is over, for its pattern takes too long. */
  failed(problem: Problem): void
  /** Whether output waits for a slow page: then silence means nothing. */
  isHeld(): boolean
}

/** Waits for a text in the output of a console, or for silence. Sees what comes from now on. */
export class Watch {
  readonly #find: ((lines: readonly string[]) => string | undefined) | undefined
  /** A quick look that lets nearly all output pass. */
  readonly #mayHave: (text: string) => boolean = () => true
  readonly #lines = new LineCutter()
  #timer: NodeJS.Timeout | undefined
  #attached = false
  /** The line that is under way has been told of. */
  #told = false
  #deafUntil = Number.NEGATIVE_INFINITY
  #over = false

  /** Throws BAD_INPUT for a pattern that is none. */
  constructor(
    private readonly spec: ConsoleWatch,
    private readonly listener: WatchListener,
  ) {
    if (spec.for !== 'text') return
    this.#find = spec.isPattern ? patternFinder(spec) : textFinder(spec)
    if (!spec.isPattern) this.#mayHave = textSieve(spec)
  }

  output(chunk: Uint8Array): void {
    if (this.#over) return
    if (this.#find) this.#look(this.#lines.push(chunk))
    this.#waitOn()
  }

  /** Nothing comes from a console that is not attached, and that is no silence. */
  attached(attached: boolean): void {
    if (attached === this.#attached) return
    this.#attached = attached
    if (!attached) this.#stopWaiting()
    else if (!this.#find) this.#waitOn()
  }

  close(): void {
    this.#over = true
    this.#stopWaiting()
  }

  #look(complete: Buffer): void {
    if (complete.length === 0) return
    const text = complete.toString('utf8')
    if (this.#mayHave(text)) {
      const lines = linesOf(text)
      this.#search(this.#told ? lines.slice(1) : lines)
    }
    this.#told = false
  }

  #search(lines: readonly string[]): boolean {
    if (lines.length === 0 || performance.now() < this.#deafUntil) return false
    try {
      const line = this.#find?.(lines)
      if (line !== undefined) this.#hit(line.slice(0, longestShown))
      return line !== undefined
    } catch (error) {
      this.close()
      this.listener.failed(asTooSlow(error))
      return false
    }
  }

  /** Until the line that is under way stands, or the console is silent for long enough. */
  #waitOn(): void {
    if (this.#over || (this.spec.for === 'quiet' && !this.#attached)) return
    if (this.#timer) this.#timer.refresh()
    else this.#timer = setTimeout(() => this.#waited(), this.spec.for === 'quiet' ? this.spec.seconds * 1000 : standsMs)
  }

  #waited(): void {
    if (this.spec.for === 'text') {
      const [line] = linesOf(this.#lines.rest.toString('utf8'))
      if (line !== undefined && !this.#told) this.#told = this.#search([line])
    } else if (this.listener.isHeld()) this.#timer?.refresh()
    else {
      this.#stopWaiting()
      this.#hit(undefined)
    }
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #hit(line: string | undefined): void {
    if (!this.spec.lasts) this.close()
    this.#deafUntil = performance.now() + deafMs
    this.listener.hit(line)
  }
}

type TextWatch = Extract<ConsoleWatch, { for: 'text' }>

function textFinder({ text, ignoresCase }: TextWatch): (lines: readonly string[]) => string | undefined {
  if (!ignoresCase) return (lines) => lines.find((line) => line.includes(text))
  const lower = text.toLowerCase()
  return (lines) => lines.find((line) => line.toLowerCase().includes(lower))
}

/** Whether a text may have it in one of its lines: to cut it into lines, and these free of sequences, takes ten times as long. */
function textSieve({ text: wanted, ignoresCase }: TextWatch): (text: string) => boolean {
  if (!ignoresCase) return (text) => text.includes(wanted) || hasControls(text)
  const lower = wanted.toLowerCase()
  return (text) => text.toLowerCase().includes(lower) || hasControls(text)
}

const search = new Script('lines.find((line) => pattern.test(line))')
/** Far longer than any sound pattern takes for what comes at once. */
const slowestMs = 250

/**
 * A pattern may take for ever on what a guest prints. Node stops a script after a time limit, a pattern at work included, and
 * nothing else does: the script is ours, and the guest's lines are only its data.
 */
function patternFinder({ text, ignoresCase }: TextWatch): (lines: readonly string[]) => string | undefined {
  let pattern: RegExp
  try {
    pattern = new RegExp(text, ignoresCase ? 'i' : '')
  } catch (error) {
    throw new ProblemError('BAD_INPUT', error instanceof Error ? `${error.message}.` : 'This is not a regular expression.', {
      hint: 'Mend the regular expression, or look for it as plain text.',
    })
  }
  const context = createContext({ pattern })
  return (lines) => {
    context.lines = lines
    try {
      return search.runInContext(context, { timeout: slowestMs })
    } catch {
      // The time is that of the clock: on a busy machine it may pass without any work.
      return search.runInContext(context, { timeout: slowestMs })
    }
  }
}

function asTooSlow(error: unknown): Problem {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
  return new ProblemError('BAD_INPUT', 'The pattern takes too long on what this guest prints. It is not looked for any more.', {
    hint: 'Leave out repetitions within repetitions, such as (a+)+, or look for plain text.',
  }).problem
}

/** Whether there is anything in it that `plainText` takes out; line ends are not. */
function hasControls(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  return /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(text)
}

/** Lines as they read, each piece of a long one by itself. */
function linesOf(text: string): string[] {
  const plain = hasControls(text) ? plainText : (line: string) => line
  const lines: string[] = []
  for (const line of text.split(/[\r\n]+/)) {
    for (let at = 0; at < line.length; at += longestLineBytes) lines.push(plain(line.slice(at, at + longestLineBytes)))
  }
  return lines
}
