import { ProblemError } from '../../src-shared/problem'
import type { Argv } from '../ssh/quote'
import type { Sessions } from './sessions'

/** Makes of a command one that runs as root. The one place that knows how. */
export type AsRoot = (argv: Argv) => Argv

const alreadyRoot: AsRoot = (argv) => argv
const bySudo: AsRoot = (argv) => ['sudo', '-n', '--', ...argv]

/** Finds out, in one round trip, how a login becomes root; throws NOT_ROOT with what sudo says if it does not. */
export async function findRoot(
  sessions: Sessions,
  { user, name: hostName }: { user: string; name: string },
  timeoutMs: number,
): Promise<AsRoot> {
  const script = 'id -u; [ "$(id -u)" = 0 ] || LC_ALL=C sudo -n true'
  const { stdout, stderr, exitCode } = await sessions.run(['sh', '-c', script], { timeoutMs })
  if (exitCode === 0) return stdout.toString('utf8').split('\n').includes('0') ? alreadyRoot : bySudo
  const said = stderr.toString('utf8').trim()
  throw new ProblemError(
    'NOT_ROOT',
    `${user} is not root on ${hostName}, and sudo -n does not make it root: ${said || exitCode}.`,
    {
      context: { host: hostName, command: 'sudo -n true', exitCode, output: said },
    },
  )
}
