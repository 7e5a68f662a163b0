import { ProblemError } from '../../src-shared/problem'
import { quoteArg } from '../ssh/quote'
import type { Lock, Plan } from './define'
import type { JobAbout } from './events'
import jobLibrary from './job.sh?raw'

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
export function jobJson({ operation, title, targets, steps, by, from }: JobAbout): string {
  return `${JSON.stringify({ format: 1, operation, title, targets, steps, by, from })}\n`
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
