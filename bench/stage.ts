import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { connectToLab, type LabDomdeck, runJob } from '../e2e/lab/testing/domdeck'
import { lab } from '../e2e/lab/testing/lab'
import type { OperationCall } from '../src-shared/operations'
import type { Stage } from './bench'

const base = 'debian-12'

/** Opens what benches share; nothing is started before it is asked for. */
export function openStage(say: (text: string) => void): Stage & { close(): Promise<void> } {
  let connected: Promise<LabDomdeck> | undefined
  let imported: Promise<LabDomdeck & { base: string }> | undefined

  async function startLab(): Promise<LabDomdeck> {
    if (!(await lab.status()).built) {
      say('building the lab, about 5 minutes')
      await buildLab()
    }
    say('starting the lab')
    await lab.fresh()
    return connectToLab()
  }

  async function importDebian(stage: Stage): Promise<LabDomdeck & { base: string }> {
    const domdeck = await stage.lab()
    say('importing the Debian image as a base, about two minutes')
    await mustSucceed(domdeck, { operation: 'image.import', input: { name: base, source: '/srv/guest/debian.img' } })
    return { ...domdeck, base }
  }

  const stage: Stage = {
    say,
    lab: () => {
      connected ??= startLab()
      return connected
    },
    debian: () => {
      imported ??= importDebian(stage)
      return imported
    },
  }
  return {
    ...stage,
    async close() {
      if (!connected) return
      await connected.then(({ close }) => close()).catch((error: unknown) => console.error(error))
      await lab.down()
    },
  }
}

/** Runs a job in the lab; throws unless it succeeds. */
export async function mustSucceed(domdeck: LabDomdeck, call: OperationCall): Promise<void> {
  const job = await runJob(domdeck, call)
  if (job.state !== 'succeeded') throw new Error(`${job.title}: ${job.state}. ${job.problem?.detail ?? ''}`)
}

function buildLab(): Promise<void> {
  return new Promise((resolve, reject) => {
    const build = spawn(join(import.meta.dirname, '../lab/build'), [], { stdio: ['ignore', 'inherit', 'inherit'] })
    build.on('error', reject)
    build.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`lab/build ended with ${code}.`))))
  })
}
