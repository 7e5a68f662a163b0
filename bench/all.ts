import { parseArgs } from 'node:util'
import { ask } from './ask'
import type { Bench } from './bench'
import { bulk } from './bulk'
import { labChange, simulatedChange } from './change'
import { click } from './click'
import { clone } from './clone'
import { consoles } from './consoles'
import { type Figure, isMet } from './figures'
import { idle } from './idle'
import { panes } from './panes'
import { describeMachine, table, writePage } from './report'
import { scale } from './scale'
import { openStage } from './stage'

/** In this order: what needs a quiet machine first, before the lab's emulated one loads it. */
const benches: readonly Bench[] = [consoles, panes, simulatedChange, scale, bulk, idle, ask, labChange, click, clone]

/**
 * Runs all benches, or the named ones, one after another, and prints the table. Resolves to the exit status: 1 when a target is
 * missed or a bench fails, 2 for arguments that make no sense.
 */
export async function runBenches(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: { write: { type: 'boolean' } }, allowPositionals: true })
  const unknown = positionals.find((name) => !benches.some((bench) => bench.name === name))
  if (unknown !== undefined) {
    console.error(`There is no bench ${unknown}; there are ${benches.map((bench) => bench.name).join(', ')}.`)
    return 2
  }
  if (values.write && positionals.length > 0) {
    console.error('The table of docs/performance.md is written whole: --write runs all benches.')
    return 2
  }
  const machine = describeMachine()
  console.log(`Measured on: ${machine}`)
  const figures: Figure[] = []
  const failed: string[] = []
  const stage = openStage((text) => console.log(`   ${text}`))
  for (const bench of benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    console.log(`== ${bench.name}: ${bench.title}`)
    try {
      const found = await bench.run(stage)
      console.log(table(found))
      figures.push(...found)
    } catch (error) {
      console.error(error)
      failed.push(bench.name)
    }
  }
  await stage.close()
  console.log(`\n${table(figures)}`)
  const missed = figures.filter((figure) => !isMet(figure))
  if (missed.length > 0) console.log(`Missed: ${missed.map(({ title }) => title).join('; ')}`)
  if (failed.length > 0) console.log(`Failed: ${failed.join(', ')}`)
  if (values.write && failed.length === 0) await writePage(figures, machine)
  return missed.length + failed.length > 0 ? 1 : 0
}
