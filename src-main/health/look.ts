import { type HealthItem, healthIdSchema, healthItemSchema, healthTitles, mendableIdSchema } from '../../src-shared/models/health'
import { plainText } from '../../src-shared/plain-text'
import { ProblemError } from '../../src-shared/problem'
import type { PreflightHost } from '../jobs/preflight'
import itemsScript from './items.sh?raw'
import lookScript from './look.sh?raw'
import notesScript from './notes.sh?raw'
import planScript from './plan.sh?raw'

const isMendable = (id: string): boolean => mendableIdSchema.safeParse(id).success

/** Looks at all items of a host's health, in the order of their titles. Changes nothing. Throws UNEXPECTED_OUTPUT, and what the host throws. */
export async function lookAtHealth(host: PreflightHost): Promise<HealthItem[]> {
  const ids = Object.keys(healthTitles)
  const variables = [`mendable='${ids.filter(isMendable).join(' ')}'`, `noted='${ids.filter((id) => !isMendable(id)).join(' ')}'`]
  const { stdout, stderr, exitCode } = await host.run(['sh', '-c', 'eval "$(cat)"'], {
    stdin: [...variables, planScript, itemsScript, notesScript, lookScript].join('\n'),
    timeoutMs: 120_000,
  })
  const items = exitCode === 0 ? parseHealth(stdout.toString('utf8')) : undefined
  if (!items) {
    throw new ProblemError('UNEXPECTED_OUTPUT', `${host.settings.name} did not say how it is.`, {
      context: { host: host.settings.name, exitCode, output: stderr.toString('utf8').slice(-2000) },
    })
  }
  return items.sort((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id))
}

/** Reads the answer of look.sh; undefined when it is not whole. */
export function parseHealth(text: string): HealthItem[] | undefined {
  const lines = text.trimEnd().split('\n')
  if (lines.pop() !== 'end') return undefined
  const blocks: string[][] = []
  for (const line of lines.map(plainText)) {
    if (line.startsWith('item ')) blocks.push([])
    blocks.at(-1)?.push(line)
  }
  const items = blocks.map(itemOf)
  const whole = healthItemSchema.array().safeParse(items)
  return whole.success && whole.data.length === healthIdSchema.options.length ? whole.data : undefined
}

function itemOf(lines: readonly string[]): unknown {
  const all = (key: string) => lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1))
  const one = (key: string) => all(key)[0]
  const sum = one('sum')
  return {
    id: one('item'),
    state: one('state'),
    fact: one('fact'),
    advice: one('advice'),
    go: one('go'),
    mended: one('mended') === 'yes',
    plan: sum && { files: filesOf(lines), acts: all('act'), sum },
  }
}

function filesOf(lines: readonly string[]): { path: string; diff: string }[] {
  const files: { path: string; diff: string }[] = []
  for (const line of lines.filter((line) => line.startsWith('d|')).map((line) => line.slice(2))) {
    if (line.startsWith('--- ')) files.push({ path: line.slice(4), diff: '' })
    else if (!line.startsWith('+++ ')) {
      const file = files.at(-1)
      if (file) file.diff += `${line}\n`
    }
  }
  return files
}
