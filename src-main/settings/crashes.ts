import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ulid } from 'ulid'
import { z } from 'zod'
import { type Crash, crashSchema } from '../../src-shared/models/crash'
import { ProblemError } from '../../src-shared/problem'

export const maxCrashes = 20
const maxMessage = 300
const maxStackLines = 30
const maxLine = 200

export type Crashes = {
  /** Newest first. */
  list(): readonly Crash[]
  /** Keeps what was thrown, at once: there may be no later. The same again is counted, not kept twice. Never throws. */
  keep(where: Crash['where'], thrown: unknown): void
  clear(): Promise<void>
}

/**
 * The mistakes of ours that are kept in `folder`, the newest few. Nothing is sent anywhere. A `ProblemError` leaves its code
 * alone, for its words may hold what a host or a guest said.
 */
export function openCrashes(folder: string, version: string, now: () => number = Date.now): Crashes {
  const file = join(folder, 'crashes.json')
  let crashes = read(file)
  return {
    list: () => crashes,
    keep(where, thrown) {
      const { message, stack } = reported(thrown)
      const at = now()
      const known = crashes.find((one) => one.where === where && one.message === message && one.stack[0] === stack[0])
      const crash: Crash = known
        ? { ...known, lastAt: at, times: known.times + 1 }
        : { id: ulid(at), firstAt: at, lastAt: at, times: 1, where, version, message, stack }
      crashes = [crash, ...crashes.filter((one) => one !== known)].slice(0, maxCrashes)
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        writeFileSync(`${file}.new`, `${JSON.stringify(crashes, undefined, 2)}\n`, { mode: 0o600 })
        renameSync(`${file}.new`, file)
      } catch (error) {
        console.error(`${file} cannot be written:`, error)
      }
    },
    async clear() {
      crashes = []
      await rm(file, { force: true })
    },
  }
}

/** A report that cannot be read is worth less than the one to come. */
function read(file: string): readonly Crash[] {
  try {
    return z
      .array(crashSchema)
      .parse(JSON.parse(readFileSync(file, 'utf8')))
      .slice(0, maxCrashes)
  } catch {
    return []
  }
}

function reported(thrown: unknown): Pick<Crash, 'message' | 'stack'> {
  if (!(thrown instanceof Error)) return { message: `A value of type ${typeof thrown} was thrown.`, stack: [] }
  const message =
    thrown instanceof ProblemError ? `ProblemError ${thrown.code}: ${thrown.problem.title}` : `${thrown.name}: ${thrown.message}`
  const [firstLine = ''] = message.split('\n')
  const stack = (thrown.stack ?? '')
    .split('\n')
    .map((line) => withoutHome(line.trim()).slice(0, maxLine))
    // Chromium writes `at f (file:1:2)`; anything else is the message again.
    .filter((line) => line.startsWith('at '))
  return { message: withoutHome(firstLine).slice(0, maxMessage), stack: stack.slice(0, maxStackLines) }
}

function withoutHome(text: string): string {
  return text.replaceAll(homedir(), '~')
}
