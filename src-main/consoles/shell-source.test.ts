import { expect, it, vi } from 'vitest'
import type { ConsoleStatus } from '../../src-shared/models/console'
import { ProblemError } from '../../src-shared/problem'
import type { RemoteTerminal, TerminalSize } from '../ssh/remote-process'
import type { ConsoleHost } from './reader'
import { ShellSource } from './shell-source'

type Opened = {
  size: TerminalSize
  say(text: string): void
  exit(status: number): void
  lose(): void
  close(): void
  resize(size: TerminalSize): void
}

/** A shell whose terminal the test is. */
function makeShell() {
  let changed: () => void = () => undefined
  const host = {
    connection: { phase: 'ready' } as ConsoleHost['connection'],
    on: (_event: string, listener: () => void) => {
      changed = listener
      return () => undefined
    },
  }
  const opened: Opened[] = []
  let refusal: ProblemError | undefined
  const source = new ShellSource(host as unknown as ConsoleHost, {
    name: () => 'ares',
    domid: () => 0,
    size: { columns: 90, rows: 30 },
    now: () => 5,
    opener: {
      async open(_host, size) {
        if (refusal) throw refusal
        let print: (chunk: Buffer) => void = () => undefined
        let end: (how: { exitCode: number } | Promise<never>) => void = () => undefined
        const exited = new Promise<{ exitCode: number }>((resolve) => {
          end = resolve
        })
        const terminal = {
          onStdout: (listener: typeof print) => {
            print = listener
          },
          pause: vi.fn(),
          close: vi.fn(),
          resize: vi.fn(),
          exited,
        }
        opened.push({
          size,
          say: (text) => print(Buffer.from(text)),
          exit: (exitCode) => end({ exitCode }),
          lose: () => end(Promise.reject(new ProblemError('CONNECTION_LOST', 'The connection to ares was lost.'))),
          close: terminal.close,
          resize: terminal.resize,
        })
        return terminal as unknown as RemoteTerminal
      },
    },
  })
  const statuses: ConsoleStatus[] = []
  let output = ''
  source.start({
    output: (chunk) => {
      output += Buffer.from(chunk).toString()
    },
    status: (status) => void statuses.push(status),
    detached: () => undefined,
  })
  return {
    source,
    opened,
    statuses,
    output: () => output,
    refuse(problem: ProblemError | undefined) {
      refusal = problem
    },
    link(connection: ConsoleHost['connection']) {
      host.connection = connection
      changed()
    },
  }
}

const states = (statuses: readonly ConsoleStatus[]) => statuses.map(({ state }) => state)

it('opens nothing until it is asked, and then once', async () => {
  const { source, opened, statuses } = makeShell()
  expect(states(statuses)).toEqual(['closed'])
  await Promise.all([source.retry(), source.retry()])
  await source.retry()
  expect(opened.map(({ size }) => size)).toEqual([{ columns: 90, rows: 30 }])
  expect(states(statuses)).toEqual(['closed', 'attaching', 'attached'])
})

it('ends with its status, keeps what it said, and opens again on a calm screen of the size of then', async () => {
  const { source, opened, statuses, output } = makeShell()
  await source.retry()
  opened[0]?.say('\x1b[?1049hfirst')
  opened[0]?.exit(3)
  await vi.waitFor(() => expect(statuses.at(-1)).toEqual({ state: 'ended', at: 5, exitCode: 3 }))
  source.resize({ columns: 40, rows: 10 })
  await source.retry()
  opened[1]?.say('second')
  expect(opened[1]?.size).toEqual({ columns: 40, rows: 10 })
  expect(output().startsWith('\x1b[?1049hfirst\x1b[?1049l')).toBe(true)
  expect(output().endsWith('\r\nsecond')).toBe(true)
})

it('is over with its link, and does not come back with it', async () => {
  const { source, opened, statuses, link } = makeShell()
  await source.retry()
  opened[0]?.lose()
  await vi.waitFor(() => expect(statuses.at(-1)).toMatchObject({ state: 'ended', problem: { code: 'CONNECTION_LOST' } }))
  link({ phase: 'ready', since: 2 })
  expect(opened).toHaveLength(1)
  expect(statuses.at(-1)).toMatchObject({ state: 'ended' })
})

it('waits for a host that is silent on a link that is kept', async () => {
  const { source, statuses, link } = makeShell()
  await source.retry()
  link({ phase: 'waiting', held: true, until: 0, attempt: 1, problem: new ProblemError('CONNECTION_LOST', 'silent').problem })
  expect(statuses.at(-1)).toEqual({ state: 'link-lost', at: 5 })
  expect(source.attached).toBe(true)
  link({ phase: 'ready', since: 1 })
  expect(statuses.at(-1)).toEqual({ state: 'attached', domid: 0 })
})

it('takes a size that came while it was opened', async () => {
  const { source, opened } = makeShell()
  const opening = source.retry()
  source.resize({ columns: 50, rows: 20 })
  await opening
  expect(opened[0]?.resize).toHaveBeenCalledWith({ columns: 50, rows: 20 })
})

it('says why it could not be opened, and tries again when asked', async () => {
  const { source, opened, statuses, refuse } = makeShell()
  refuse(new ProblemError('HOST_NOT_READY', 'ares is not connected.'))
  await source.retry()
  expect(statuses.at(-1)).toMatchObject({ state: 'failed', problem: { code: 'HOST_NOT_READY' } })
  refuse(undefined)
  await source.retry()
  expect(opened).toHaveLength(1)
})

it('hangs up a shell that was opened for nobody any more', async () => {
  const { source, opened, statuses } = makeShell()
  const opening = source.retry()
  source.close()
  await opening
  expect(opened[0]?.close).toHaveBeenCalled()
  expect(states(statuses)).toEqual(['closed', 'attaching'])
})

it('has nothing to answer and no key to trust unless it asked', async () => {
  const { source } = makeShell()
  expect(() => source.answer('1', ['x'])).toThrow('ares asks nothing.')
  await expect(source.trust('SHA256:x')).rejects.toMatchObject({ problem: { code: 'BAD_INPUT' } })
})
