import { type Check, checkSchema } from '../../src-shared/models/check'
import type { HostSettings } from '../../src-shared/models/host'
import type { OperationId, OperationInput } from '../../src-shared/operations'
import { ProblemError } from '../../src-shared/problem'
import { type Argv, quoteArg } from '../ssh/quote'
import { type Operation, planOperation } from './define'
import preflightWords from './preflight.sh?raw'
import { render } from './render'

/** What a preflight needs of a host. */
export type PreflightHost = {
  readonly settings: HostSettings
  run(argv: Argv, options?: { stdin?: string; timeoutMs?: number }): Promise<{ stdout: Buffer; stderr: Buffer; exitCode: number }>
}

/** What a host answered: its checks in order, and the numbers and texts that a plan is made from. */
export type Findings = { checks: Check[]; numbers: ReadonlyMap<string, number>; texts: ReadonlyMap<string, readonly string[]> }

/**
 * Runs a preflight script on a host in one round trip, as root. Input enters as quoted assignments only. Throws what `host.run`
 * throws, and UNEXPECTED_OUTPUT when the script breaks off: half of the checks must not pass for all.
 */
export async function runPreflight(
  host: PreflightHost,
  variables: Readonly<Record<string, string>>,
  script: string,
): Promise<Findings> {
  const assignments = Object.entries({ root: host.settings.storageRoot, ...variables }).map(
    ([name, value]) => `${name}=${quoteArg(value)}`,
  )
  const text = [preflightWords, ...assignments, script, 'number complete 1'].join('\n')
  // A command line is one SSH packet, of which every server takes 32 kB and some no more (RFC 4253, 6.1).
  const { stdout, stderr, exitCode } = await host.run(['sh', '-c', 'eval "$(cat)"'], { stdin: text, timeoutMs: 60_000 })
  const findings = parseFindings(stdout.toString('utf8'))
  if (exitCode !== 0 || findings?.numbers.get('complete') !== 1) {
    throw new ProblemError('UNEXPECTED_OUTPUT', `The preflight on ${host.settings.name} broke off.`, {
      context: { host: host.settings.name, exitCode, output: stderr.toString('utf8').slice(-2000) },
    })
  }
  return findings
}

/** The lines of a preflight; undefined when one of them is not of its kinds. */
export function parseFindings(text: string): Findings | undefined {
  const checks: Check[] = []
  const numbers = new Map<string, number>()
  const texts = new Map<string, string[]>()
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const [kind, ...fields] = line.split('\t')
    if (kind === 'check' && fields.length === 4) {
      const [verdict, title, fact, advice] = fields
      const check = checkSchema.safeParse({ verdict, title, fact, ...(advice ? { advice } : {}) })
      if (!check.success) return undefined
      checks.push(check.data)
    } else if (kind === 'number' && fields.length === 2 && /^[0-9]+$/.test(fields[1] ?? '')) {
      numbers.set(fields[0] ?? '', Number(fields[1]))
    } else if (kind === 'text' && fields.length === 2) {
      const [key = '', words = ''] = fields
      texts.set(key, [...(texts.get(key) ?? []), words])
    } else {
      return undefined
    }
  }
  return { checks, numbers, texts }
}

/** The script that a call of an operation would run, for a person to read: its input and steps, without the job library. */
export function scriptOf<Id extends OperationId>(
  operation: Operation<Id>,
  input: OperationInput<Id>,
  storageRoot: string,
): string {
  return render(planOperation(operation, input), storageRoot).script
}
