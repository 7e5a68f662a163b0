import { ProblemError } from '../../src-shared/problem'
import type { Host } from '../host/host'
import type { RemoteProcess } from '../ssh/remote-process'
import attachScript from './attach.sh?raw'

/** What consoles need of a host. */
export type ConsoleHost = Pick<
  Host,
  'settings' | 'connection' | 'guests' | 'refresh' | 'ask' | 'run' | 'stream' | 'openShell' | 'dialGuest' | 'trustGuest' | 'on'
>

/** How an attempt to become the reader of a console went (attach.sh). */
export type Opening =
  | { kind: 'reader'; process: RemoteProcess; said(): string }
  | { kind: 'gone' }
  /** `pid` is 0 when it cannot be told who; the holder was begun `ageSeconds` ago. */
  | { kind: 'busy'; pid: number; holder: string; ageSeconds: number | undefined }

type ReaderOptions = {
  uuid: string
  domid: number
  /** Names this Domdeck on the host: a process with it in its environment is ours. */
  mark: string
  /** The foreign holder to end first. */
  evict: number | undefined
}

const saidBytes = 4096
const announced = /^domdeck (reader|gone|busy|missing)(?: (.*))?$/m

/**
 * Starts the one reader of a guest's hvc0 on the host. Rejects with CONSOLE_FAILED when there is no xenconsole or the script
 * fails, and with what the connection rejects with.
 */
export async function openReader(host: ConsoleHost, { uuid, domid, mark, evict }: ReaderOptions): Promise<Opening> {
  const process = await host.stream([
    'sh',
    '-c',
    attachScript,
    'attach.sh',
    uuid,
    String(domid),
    mark,
    evict === undefined ? '' : String(evict),
  ])
  let said = ''
  const line = new Promise<RegExpMatchArray>((resolve) => {
    process.onStderr((chunk) => {
      said = (said + chunk.toString('latin1')).slice(-saidBytes)
      const found = completeLines(said).match(announced)
      if (found) resolve(found)
    })
  })
  const answer = await Promise.race([line, process.exited])
  const found = 'exitCode' in answer ? completeLines(`${said}\n`).match(announced) : answer
  const [, kind, rest = ''] = found ?? []
  if (kind === 'reader') return { kind, process, said: () => withoutOwnLines(said) }
  if (kind === 'gone') return { kind }
  if (kind === 'busy') {
    const [, pid = '0', age = '-', holder = ''] = /^(\d+) (\d+|-) (.*)$/.exec(rest) ?? []
    const ageSeconds = age === '-' ? undefined : Number(age)
    return { kind, pid: Number(pid), holder: Buffer.from(holder, 'latin1').toString('utf8'), ageSeconds }
  }
  const name = host.settings.name
  if (kind === 'missing') {
    throw new ProblemError('CONSOLE_FAILED', `${name} has no ${rest}.`, {
      hint: 'Install the xen-utils package of the Xen version that runs on the host.',
    })
  }
  const output = withoutOwnLines(said)
  throw new ProblemError(
    'CONSOLE_FAILED',
    `The console script failed on ${name}: ${output.split('\n').at(-1) || 'no word why'}.`,
    {
      context: { host: name, command: `xenconsole ${domid}`, output },
    },
  )
}

function completeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1)
}

function withoutOwnLines(said: string): string {
  return said
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('domdeck '))
    .join('\n')
    .trim()
}
