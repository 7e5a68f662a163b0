import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { type Figure, isMet } from './figures'

const page = join(import.meta.dirname, '../docs/performance.md')
const begin = '<!-- figures: written by npm run bench -- --write -->'
const end = '<!-- end of figures -->'

/** What the figures were measured on, asked before the benches load it. */
export function describeMachine(): string {
  const all = cpus()
  const [load1 = 0, load5 = 0] = loadavg()
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string }
  return [
    `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    `${all[0]?.model.trim() ?? 'unknown CPU'}, ${all.length} cores, ${Math.round(totalmem() / 2 ** 30)} GB`,
    `load ${load1.toFixed(1)} before the run (${load5.toFixed(1)} over 5 minutes)`,
    `Linux ${release()}`,
    `Node ${process.versions.node}`,
    firstLine('chromium', ['--version']),
    firstLine('qemu-system-x86_64', ['--version']),
    `Domdeck ${version}`,
  ]
    .filter((part) => part !== '')
    .join('; ')
}

function firstLine(program: string, args: string[]): string {
  try {
    const [line = ''] = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n', 1)
    return line
      .replace(/ \(.*| built on.*/, '')
      .replace('emulator version ', '')
      .trim()
  } catch {
    return ''
  }
}

const columns = ['what', 'Domdeck', 'against', 'figure', 'target', 'met'] as const

function cells(figure: Figure): string[] {
  const { title, measured, against, unit, target } = figure
  const [word, bound] =
    'atLeast' in target ? ['≥', target.atLeast] : 'atMost' in target ? ['≤', target.atMost] : ['<', target.below]
  return [title, measured, against || '–', inUnit(figure.value, unit), `${word} ${bound} ${unit}`, isMet(figure) ? 'yes' : 'NO']
}

function inUnit(value: number, unit: Figure['unit']): string {
  const digits = unit === 'MB' ? 2 : value < 100 && (unit === '×' || unit === '%') ? 1 : 0
  return `${value.toFixed(digits)} ${unit}`
}

/** The figures as a table that is readable as it is and as Markdown. */
export function table(figures: readonly Figure[]): string {
  const rows = [[...columns], ...figures.map(cells)]
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => [...(row[at] ?? '')].length)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - [...cell].length)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line([...columns]), rule, ...figures.map((figure) => line(cells(figure)))].join('\n')
}

/** Puts the table, the machine and how each figure was taken between the markers of docs/performance.md. */
export async function writePage(figures: readonly Figure[], machine: string): Promise<void> {
  const text = await readFile(page, 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${page} has lost its markers for the figures.`)
  const how = figures.map((figure) => `- **${figure.title}**: ${figure.how}`).join('\n')
  const body = `${begin}\n\nMeasured on: ${machine}.\n\n${table(figures)}\n\n${how}\n\n`
  await writeFile(page, text.slice(0, from) + body + text.slice(to))
}
