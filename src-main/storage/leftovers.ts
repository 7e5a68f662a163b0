import type { HostSettings } from '../../src-shared/models/host'
import { type Leftover, leftoverSchema } from '../../src-shared/models/leftover'
import { ProblemError } from '../../src-shared/problem'
import type { Argv } from '../ssh/quote'
import leftoversScript from './leftovers.sh?raw'
import lookScript from './look.sh?raw'

/** What looking for leftovers needs of a host. */
export type LeftoversHost = {
  readonly settings: HostSettings
  run(argv: Argv, options?: { timeoutMs?: number }): Promise<{ stdout: Buffer; stderr: Buffer; exitCode: number }>
}

/** What on a host is Domdeck's and belongs to nothing, in the order in which it can go. Writes nothing. Throws UNEXPECTED_OUTPUT, and what the host throws. */
export async function findLeftovers(host: LeftoversHost): Promise<Leftover[]> {
  const { name, storageRoot } = host.settings
  const argv: Argv = ['sh', '-c', `${leftoversScript}\n${lookScript}`, 'look.sh', storageRoot]
  const { stdout, stderr, exitCode } = await host.run(argv, { timeoutMs: 60_000 })
  const lines = stdout.toString('utf8').split('\n').slice(0, -1)
  if (exitCode !== 0 || lines.pop() !== 'end') {
    throw new ProblemError('UNEXPECTED_OUTPUT', `${name} did not say all that is left over on it.`, {
      context: { host: name, exitCode, output: stderr.toString('utf8').slice(-2000) },
    })
  }
  return lines.flatMap((line) => {
    const [, kind, path, bytes, why] = line.split('\t')
    const known = leftoverSchema.safeParse({ kind, name: path, bytes: Number(bytes), why })
    return known.success ? [known.data] : []
  })
}
