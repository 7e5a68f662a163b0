import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fleet } from '../../../src-main/host/fleet'
import type { Host } from '../../../src-main/host/host'
import { sshServices } from '../../../src-main/host/services'
import type { RemoteProcess } from '../../../src-main/ssh/remote-process'
import { createTrustStore } from '../../../src-main/ssh/trust'
import type { SimulatedHost } from '../server'

/** The product's own view of a pretend host, as the app has it. */
export type Connected = { host: Host; close(): Promise<void> }

/** Adds a pretend host to a fleet of the product and waits until it is connected; whatever it asks, the answer is `password`. */
export async function connect(simulated: Pick<SimulatedHost, 'description'>, password?: string): Promise<Connected> {
  const homeDir = await mkdtemp(join(tmpdir(), 'domdeck-test-home-'))
  const trust = createTrustStore({ homeDir, ownFile: join(homeDir, 'known_hosts') })
  const { hostKeyLine, ...description } = simulated.description
  trust.pin(description.address, description.port, Buffer.from(hostKeyLine.split(' ')[2] ?? '', 'base64'))
  const fleet = new Fleet(sshServices({ agentSocket: undefined, homeDir }, trust))
  const host = fleet.add({ ...description, id: description.name, simulated: true })
  host.connect()
  await until(() => {
    const { connection } = host
    if (connection.phase === 'blocked') throw new Error(connection.problem.detail)
    if (connection.phase === 'asking' && password !== undefined) host.answer(connection.question.id, [password])
    return host.connection.phase === 'ready'
  })
  return {
    host,
    async close() {
      fleet.remove(host.settings.id)
      await rm(homeDir, { recursive: true, force: true })
    },
  }
}

/** Looks every few milliseconds until `ready` says so; throws what `ready` throws, or after 15 s what was waited for. */
export async function until(ready: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 15_000
  while (!(await ready())) {
    if (performance.now() > end) throw new Error(`Waited in vain until ${ready.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Everything a remote process has said, and how it ended. */
export function collect(process: RemoteProcess): { text(): string; errors(): string; exitCode(): Promise<number> } {
  let text = ''
  let errors = ''
  process.onStdout((chunk) => {
    text += chunk.toString()
  })
  process.onStderr((chunk) => {
    errors += chunk.toString()
  })
  return { text: () => text, errors: () => errors, exitCode: async () => (await process.exited).exitCode }
}
