import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fleet } from '../../src-main/host/fleet'
import { sshServices } from '../../src-main/host/services'
import { createTrustStore } from '../../src-main/ssh/trust'
import { parseList } from '../../src-main/xen/list'
import { emptyFleet, foldFleet } from '../../src-renderer/fleet/store'
import type { Guest } from '../../src-shared/models/guest'
import { startChurn } from './churn'
import { type SimulatedFleet, startSimulatedFleet } from './server'
import { connect, until } from './testing/connect'

let simulated: SimulatedFleet
let homeDir: string
let fleet: Fleet
beforeEach(async () => {
  simulated = await startSimulatedFleet({ hosts: 5, guests: 40 })
  homeDir = await mkdtemp(join(tmpdir(), 'domdeck-test-home-'))
  const trust = createTrustStore({ homeDir, ownFile: join(homeDir, 'known_hosts') })
  fleet = new Fleet(sshServices({ agentSocket: undefined, homeDir }, trust))
  for (const { description } of simulated.hosts) {
    const { hostKeyLine, ...settings } = description
    trust.pin(settings.address, settings.port, Buffer.from(hostKeyLine.split(' ')[2] ?? '', 'base64'))
    fleet.add({ ...settings, id: settings.name, simulated: true }).connect()
  }
  await until(() => fleet.hosts().every(({ connection }) => connection.phase === 'ready'))
  // Five hosts at once take long on a machine that does other things too.
}, 60_000)
afterEach(async () => {
  for (const { settings } of fleet.hosts()) fleet.remove(settings.id)
  await simulated.stop()
  await rm(homeDir, { recursive: true, force: true })
})

/** By id, without what runs on by itself. */
const plain = (guests: Iterable<Guest>) =>
  Object.fromEntries([...guests].map(({ cpuSeconds: _, ...guest }) => [guest.id, guest]).sort())

describe('five hosts with guests by names of every shape, in every state', () => {
  it('are in the page as they are, after twenty changes a second', async () => {
    let page = emptyFleet
    const met = new Set<string>()
    const stop = new AbortController()
    const watching = (async () => {
      for await (const event of fleet.watch(stop.signal)) {
        page = foldFleet(page, event)
        if (event.type !== 'guests') continue
        for (const { hostId, id, name } of event.changed) if (name.startsWith('churn')) met.add(`${hostId} ${id}`)
      }
    })()
    const churn = startChurn(simulated.hosts, 20)
    await until(() => met.size >= 25)
    expect((await churn.stop()).length).toBeGreaterThan(60)
    for (const host of simulated.hosts) {
      const { name } = host.description
      const fresh = await connect(host)
      try {
        // What nobody announces is found by the next poll.
        await until(
          () => JSON.stringify(plain(fleet.get(name).guests.values())) === JSON.stringify(plain(fresh.host.guests.values())),
        )
        await until(
          () => JSON.stringify(plain(page.guests.get(name) ?? [])) === JSON.stringify(plain(fresh.host.guests.values())),
        )
      } finally {
        await fresh.close()
      }
      const listed = parseList((await host.run(['xl', 'list', '-v'])).stdout).rows.filter(({ domid }) => domid !== 0)
      const shown = (page.guests.get(name) ?? []).filter(({ domid }) => domid !== undefined)
      expect(new Map(shown.map(({ id, state }) => [id, state]))).toEqual(new Map(listed.map(({ uuid, state }) => [uuid, state])))
      expect(new Set(listed.map(({ state }) => state))).toEqual(new Set(['running', 'paused', 'crashed', 'shutting-down']))
      expect(page.guests.get(name)?.map((guest) => guest.name)).toContain('two words')
    }
    stop.abort()
    await watching
  })
})
