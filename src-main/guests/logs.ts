import { type LogSource, logSourceSchema } from '../../src-shared/contract/guests'
import type { Guest } from '../../src-shared/models/guest'
import { plainText } from '../../src-shared/plain-text'
import { ProblemError } from '../../src-shared/problem'
import { JobLog } from '../jobs/job-log'
import type { Argv } from '../ssh/quote'
import type { RemoteProcess } from '../ssh/remote-process'
import logsScript from './logs.sh?raw'

/** What reading logs needs of a host. */
export type LogHost = {
  readonly settings: { name: string }
  readonly guests: ReadonlyMap<string, Guest>
  ask(argv: Argv, options?: { timeoutMs?: number }): Promise<{ stdout: string; stderr: string; exitCode: number }>
  stream(argv: Argv, options?: { signal?: AbortSignal }): Promise<RemoteProcess>
}

const command = (...words: string[]): Argv => ['sh', '-c', logsScript, 'logs.sh', ...words]

/** The logs there are of a guest, or of the hypervisor without one. Throws NOT_FOUND, BAD_INPUT, COMMAND_FAILED. */
export async function listLogs(host: LogHost, guestId: string | undefined): Promise<{ source: LogSource; sizeBytes: number }[]> {
  const { stdout, stderr, exitCode } = await host.ask(command('list', ...nameOf(host, guestId)))
  if (exitCode !== 0) throw failed(host, stderr, exitCode)
  return stdout.split('\n').flatMap((line) => {
    const [source, size] = line.split(' ')
    const known = logSourceSchema.safeParse(source)
    return known.success ? [{ source: known.data, sizeBytes: Number(size) }] : []
  })
}

/**
 * The end of a log (256 kB), then what is written to it, until `signal` aborts; the hypervisor's ends by itself. Text only: what a
 * terminal would obey is left out. Nothing grows: a reader that is slow loses the middle, and is told.
 */
export async function* readLog(
  host: LogHost,
  { guestId, source }: { guestId?: string | undefined; source: LogSource },
  signal: AbortSignal,
): AsyncGenerator<{ text: string }, void, undefined> {
  const log = new JobLog()
  let errors = ''
  const process = await host.stream(command('read', source, ...nameOf(host, guestId)), { signal })
  process.onStdout((chunk) => log.append(chunk))
  process.onStderr((chunk) => {
    errors = (errors + chunk.toString('utf8')).slice(-2000)
  })
  const ended = process.exited.finally(() => log.end())
  ended.catch(() => undefined)
  const close = (): void => process.close()
  signal.addEventListener('abort', close)
  try {
    for await (const { text } of log.read(signal)) yield { text: plainText(text) }
    if (signal.aborted) return
    const { exitCode } = await ended
    if (exitCode !== 0) throw failed(host, errors, exitCode)
  } finally {
    signal.removeEventListener('abort', close)
    process.close()
  }
}

function nameOf(host: LogHost, guestId: string | undefined): string[] {
  if (guestId === undefined) return []
  const guest = host.guests.get(guestId)
  if (!guest) throw new ProblemError('NOT_FOUND', `That guest is no longer on ${host.settings.name}.`)
  // Its name becomes part of a path; libxl itself writes no log of such a one.
  if (guest.name.includes('/')) throw new ProblemError('BAD_INPUT', `The name ${guest.name} cannot be part of the name of a log.`)
  return [guest.name]
}

function failed(host: LogHost, output: string, exitCode: number): ProblemError {
  return new ProblemError('COMMAND_FAILED', `The log could not be read on ${host.settings.name}.`, {
    hint: 'It may have been rotated away. Look at /var/log/xen there.',
    context: { host: host.settings.name, exitCode, output: output.slice(-2000) },
  })
}
