import { ProblemError } from '../../src-shared/problem'
import type { Host } from '../host/host'
import logScript from './console-log.sh?raw'

/** A part of a console's log, and where the log ends on the host. */
export type LogPart = { from: number; bytes: Buffer; size: number }

/** The log that xenconsoled keeps of a guest, where its host has it keep one. */
export type ConsoleLog = {
  /** At most `limit` bytes from one on; a negative one counts from the end. Undefined where there is no log. */
  read(from: number, limit: number): Promise<LogPart | undefined>
}

const patienceMs = 60_000

/** The log of the guest of this name. Reading rejects with COMMAND_FAILED, and with what the connection rejects with. */
export function consoleLog(host: Pick<Host, 'settings' | 'run'>, name: string): ConsoleLog {
  return {
    async read(from, limit) {
      // xenconsoled itself writes no log of such a one: its name is part of the path.
      if (name.includes('/')) return undefined
      const { stdout, stderr, exitCode } = await host.run(
        ['sh', '-c', logScript, 'console-log.sh', name, String(from), String(limit)],
        { timeoutMs: patienceMs, maxBytes: limit + 4096 },
      )
      const [, said] = /^domdeck (none|log \d+)$/m.exec(stderr.toString('latin1')) ?? []
      if (exitCode !== 0 || said === undefined) {
        throw new ProblemError(
          'COMMAND_FAILED',
          `The log of the console of ${name} could not be read on ${host.settings.name}.`,
          {
            context: { host: host.settings.name, exitCode, output: stderr.toString('utf8').slice(-2000) },
          },
        )
      }
      if (said === 'none') return undefined
      const size = Number(said.slice('log '.length))
      return { from: from < 0 ? Math.max(0, size + from) : from, bytes: stdout, size }
    },
  }
}
