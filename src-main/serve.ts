import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { LabEvent } from '../src-shared/contract/local-lab'
import { toProblem } from '../src-shared/problem'
import { servePage } from './api/connection'
import { openDomdeck } from './domdeck'
import { startWebShell } from './web/server'

const usage = `Usage: domdeck serve [--port N] [--data FOLDER] [--open] [--lab] [--simulate HOSTSxGUESTS]
  --port N       port on 127.0.0.1; a free one if not given
  --data FOLDER  where settings and known hosts are kept
  --open         open the address in a browser
  --lab          start the local Xen lab and add it as a host
  --simulate     start a simulated fleet, such as 2x20, and add its hosts`

// Domdeck outlives the terminal or pipe it was started from.
process.stdout.on('error', () => {})

const out = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      data: { type: 'string' },
      open: { type: 'boolean', default: false },
      lab: { type: 'boolean', default: false },
      simulate: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return out(usage)
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`--port ${values.port} is not a port number.\n${usage}`)
  const fleetSize = values.simulate?.match(/^([1-9]\d?)x(\d{1,3})$/)
  if (values.simulate !== undefined && !fleetSize)
    throw new Error(`--simulate ${values.simulate} is not of the form 2x20.\n${usage}`)

  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }
  const domdeck = await openDomdeck({ shell: 'browser', version, ...(values.data ? { dataDir: values.data } : {}) })
  const shell = await startWebShell({
    port,
    folder: join(import.meta.dirname, '../renderer'),
    onPage: (duplex) => servePage(duplex, domdeck),
  })
  const stop = async (): Promise<void> => {
    await Promise.all([shell.close(), domdeck.close()])
    process.exit(0)
  }
  process.on('SIGINT', () => void stop())
  process.on('SIGTERM', () => void stop())

  out(`Domdeck listens on 127.0.0.1:${shell.port}. Open this address; it lets one browser in, once:`)
  out(`  ${shell.oneTimeUrl()}`)
  out('Press Enter for another address, Ctrl+C to stop.')
  createInterface({ input: process.stdin }).on('line', () => out(`  ${shell.oneTimeUrl()}`))
  if (values.open) openBrowser(shell.oneTimeUrl())

  if (fleetSize) await tell(domdeck.localLab.simulate({ hosts: Number(fleetSize[1]), guests: Number(fleetSize[2]) }))
  if (values.lab) await tell(domdeck.localLab.start())
}

async function tell(events: AsyncIterable<LabEvent>): Promise<void> {
  for await (const event of events) out(event.type === 'line' ? event.text : 'Ready.')
}

function openBrowser(url: string): void {
  const [program, args] =
    process.platform === 'darwin' ? ['open', [url]] : process.platform === 'win32' ? ['explorer', [url]] : ['xdg-open', [url]]
  spawn(program as string, args as string[], { stdio: 'ignore', detached: true })
    .on('error', () => out('No browser could be opened; use the address above.'))
    .unref()
}

main().catch((thrown: unknown) => {
  const problem = toProblem(thrown)
  console.error(problem.code === 'INTERNAL' ? problem.detail : `${problem.title}: ${problem.detail}\n${problem.hint}`)
  process.exit(1)
})
