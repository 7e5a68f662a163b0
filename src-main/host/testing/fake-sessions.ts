import { readFileSync } from 'node:fs'
import { type Problem, ProblemError } from '../../../src-shared/problem'
import type { RemoteProcess } from '../../ssh/remote-process'
import type { Sessions } from '../sessions'
import { snapshotCommand } from '../snapshot'

const info = readFileSync(new URL('../../xen/fixtures/xen-4.17/xl-info.txt', import.meta.url), 'utf8')

/** A connection without a network: answers the control shell's own questions in memory, so that timers can be faked. */
export type FakeSessions = Sessions & {
  /** What snapshot.sh answers from now on. */
  snapshot: string
  /** Snapshots asked for so far. */
  snapshots: number
  /** Answers wait while it is true. */
  held: boolean
  release(): void
  closed: boolean
  /** A probe gets no answer. */
  dead: boolean
  lose(): void
  fallSilent(): void
  speakAgain(): void
  watchLine(line: string): void
}

export const emptySnapshot = 'up 1\nlist 0 1\n|Name   ID   Mem VCPUs\nfiles 0 1\nlayers 0 1\nend\n'
export const lostProblem: Problem = new ProblemError('CONNECTION_LOST', 'The link was cut.').problem
export const silentProblem: Problem = new ProblemError('CONNECTION_LOST', 'The host is silent.').problem

export function fakeSessions(snapshot = emptySnapshot): FakeSessions {
  const onLost: ((problem: Problem) => void)[] = []
  let onSilence: (silence: Problem | undefined) => void = () => undefined
  let stdout: (chunk: Buffer) => void = () => undefined
  let stderr: (chunk: Buffer) => void = () => undefined
  const waiting: (() => void)[] = []
  const answer = (mark: string, text: string) => stdout(Buffer.from(`${text}\n${mark} 0\n\n${mark} end\n`))
  const write = (text: string) => {
    const mark = /(domdeck-[0-9a-f]{24})/.exec(text)?.[1] ?? ''
    if (text.includes(`\nready ${mark}`)) return answer(mark, '')
    if (text.includes(`(${snapshotCommand} `)) {
      fake.snapshots += 1
      const reply = () => answer(mark, fake.snapshot)
      if (fake.held) waiting.push(reply)
      else reply()
    } else if (text.includes('probe.sh')) {
      answer(mark, `info\n${info.trimEnd().replace(/^/gm, '|')}\nstorage /dev/vda1 ext4 1 1 1 1% /\nboot b\nup 1\nclock 1\n`)
    } else answer(mark, '')
  }
  const fake: FakeSessions = {
    snapshot,
    snapshots: 0,
    held: false,
    closed: false,
    dead: false,
    run: async () => ({ stdout: Buffer.from('0\n'), stderr: Buffer.alloc(0), exitCode: 0 }),
    stream: async (): Promise<RemoteProcess> => ({
      onStdout: (listener) => {
        stdout = listener
      },
      onStderr: (listener) => {
        stderr = listener
      },
      write: (bytes) => {
        queueMicrotask(() => write(String(bytes)))
        return true
      },
      onDrain: () => undefined,
      end: () => undefined,
      pause: () => undefined,
      resume: () => undefined,
      exited: new Promise(() => undefined),
      close: () => undefined,
    }),
    terminal: async () => {
      throw new Error('There is no terminal without a network.')
    },
    passage: () => {
      throw new Error('There is no way through without a network.')
    },
    onLost: (listener) => void onLost.push(listener),
    probe: async () => {
      if (fake.dead) fake.fallSilent()
      return !fake.dead
    },
    onSilence: (listener) => {
      onSilence = listener
    },
    fallSilent: () => onSilence(silentProblem),
    speakAgain: () => onSilence(undefined),
    close: () => {
      fake.closed = true
    },
    lose: () => {
      for (const listener of onLost) listener(lostProblem)
    },
    release: () => {
      fake.held = false
      for (const reply of waiting.splice(0)) reply()
    },
    watchLine: (line) => stderr(Buffer.from(line)),
  }
  return fake
}

/** `HostServices.dialThrough` of a test that reaches nothing behind its host. */
export const nothingThrough = (): Promise<Sessions> => Promise.reject(new Error('Nothing lies behind this host.'))
