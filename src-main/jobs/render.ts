import type { Lock } from '../../src-shared/models/job'
import { type OperationCall, operationCallSchema } from '../../src-shared/operations'
import { ProblemError } from '../../src-shared/problem'
import { quoteArg } from '../ssh/quote'
import type { Plan } from './define'
import type { JobAbout } from './events'
import { jobLibrary } from './library'

/** A job as text: `script` for a person to read, `standalone` what runs on dom0. */
export type Rendered = { script: string; standalone: string }

const lockName = /^[A-Za-z0-9][A-Za-z0-9.-]{0,199}$/
/** A name of its own in the script: lower case, and not one of the library's (`job_`, `root`). */
const variableName = /^(?!job_|root$)[a-z][a-z0-9_]*$/
/** `lock` has the descriptors 4 to 9: POSIX sh redirects single digits only. */
const maxLocks = 6

/** The locks in the one order every job takes them in, so that two jobs never wait for each other. Throws INTERNAL. */
export function orderedLocks(locks: readonly Lock[]): Lock[] {
  const byName = new Map<string, Lock>()
  for (const lock of locks) {
    if (!lockName.test(lock.name)) throw new ProblemError('INTERNAL', `A lock cannot be named ${JSON.stringify(lock.name)}.`)
    byName.set(lock.name, { name: lock.name, shared: lock.shared && (byName.get(lock.name)?.shared ?? true) })
  }
  if (byName.size > maxLocks) throw new ProblemError('INTERNAL', `A job takes at most ${maxLocks} locks, not ${byName.size}.`)
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** What job.json holds: one line, so that shell passes it through and a person reads it. */
export function jobJson({ operation, title, targets, steps, by, from, locks }: JobAbout): string {
  return `${JSON.stringify({ format: 1, operation, title, targets, steps, by, from, locks })}\n`
}

const inputMark = '\n# ---- input ----\n'
/** A comment, whatever the input holds: JSON is one line. */
const callMark = '# call: '

/** The call that a job was made for, from its text; undefined where it is not said, or is none that this Domdeck knows. */
export function callOf(standalone: string): OperationCall | undefined {
  const input = standalone.slice(standalone.indexOf(inputMark) + inputMark.length)
  const line = input.split('\n').find((each) => each.startsWith(callMark))
  try {
    const call = operationCallSchema.safeParse(JSON.parse(line?.slice(callMark.length) ?? ''))
    return call.success ? call.data : undefined
  } catch {
    return undefined
  }
}

/** The part of a job's text that a person reads: input and steps, without the library before them. */
export function workOf(standalone: string): string {
  const mark = standalone.indexOf(inputMark)
  // What stands before it is the library's own.
  const input = standalone.indexOf('\nroot=', mark)
  return mark < 0 || input < 0 ? standalone : `${inputMark.slice(1)}${standalone.slice(input)}`
}

/**
 * The text of a job: the library, the input as quoted assignments, the operation's script, `finish`. Input enters only as a
 * quoted assignment; a name that is no variable of its own, or a NUL, is refused (INTERNAL, BAD_INPUT).
 */
export function render(plan: Plan, storageRoot: string): Rendered {
  const variables = Object.entries(plan.variables).map(([name, value]) => {
    if (!variableName.test(name)) throw new ProblemError('INTERNAL', `A script variable cannot be named ${JSON.stringify(name)}.`)
    return `${name}=${quoteArg(value)}`
  })
  const locks = orderedLocks(plan.locks).map((lock) => (lock.shared ? `${lock.name} shared` : lock.name))
  const input = [`root=${quoteArg(storageRoot)}`, ...variables].join('\n')
  const header = [
    ...(plan.call ? [`${callMark}${JSON.stringify(plan.call)}`] : []),
    `job_title=${quoteArg(plan.title.replaceAll(/\s+/g, ' '))}`,
    `job_locks=${quoteArg(locks.join('\n'))}`,
    // For a run by hand, which has no job.json yet.
    `job_about=${quoteArg(jobJson({ ...plan, by: 'root', from: 'by hand' }).trimEnd())}`,
  ].join('\n')
  const work = `# ---- ${plan.operation} ----\n\n${plan.script.trimEnd()}\n\nfinish\n`
  return {
    script: `# ---- input ----\n\n${input}\n\n${work}`,
    standalone: `${jobLibrary.trimEnd()}\n\n# ---- input ----\n\n${header}\n${input}\n\n${work}`,
  }
}
