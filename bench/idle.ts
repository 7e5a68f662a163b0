import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ready } from '../e2e/lab/testing/domdeck'
import { openDomdeck } from '../src-main/domdeck'
import type { Bench } from './bench'
import { hostKeyOf, startFleet } from './fleet'
import { startMeter } from './meter'

const guests = 200
/** As long as Domdeck takes for one round of all it looks at by itself. */
const windowSeconds = 60

/** What an idle connection costs. */
export const idle: Bench = {
  name: 'idle',
  title: `traffic of an idle host with ${guests} guests, over ${windowSeconds} s`,
  async run(stage) {
    const fleet = await startFleet({ hosts: 1, guests })
    const [description] = fleet.hosts
    if (!description) throw new Error('The simulated fleet has no host.')
    const folder = await mkdtemp(join(tmpdir(), 'domdeck-bench-'))
    const meter = await startMeter(description.port)
    const domdeck = await openDomdeck({
      shell: 'browser',
      version: 'bench',
      dataDir: folder,
      homeDir: folder,
      agentSocket: undefined,
    })
    try {
      const { hostKeyLine: _, ...host } = description
      domdeck.trust.pin(host.address, meter.port, hostKeyOf(description))
      const { settings } = await domdeck.addHost({ ...host, port: meter.port })
      await ready(domdeck.fleet.get(settings.id))
      const seen = domdeck.fleet.get(settings.id).guests.size
      if (seen !== guests) throw new Error(`Domdeck sees ${seen} guests, not ${guests}.`)
      stage.say(`${(meter.bytes() / 1000).toFixed(0)} kB to connect and read all guests`)
      const before = meter.bytes()
      await new Promise((resolve) => setTimeout(resolve, windowSeconds * 1000))
      const bytes = meter.bytes() - before
      return [
        {
          title: `Idle traffic of a host with ${guests} guests`,
          measured: `${(bytes / 1000).toFixed(1)} kB in ${windowSeconds} s`,
          against: '',
          value: bytes / windowSeconds,
          unit: 'B/s',
          target: { below: 1000 },
          how: `bytes of SSH in both directions, counted on a loopback socket between Domdeck and a simulated host, from when its guests are read.`,
        },
      ]
    } finally {
      await domdeck.close()
      meter.close()
      await fleet.stop()
      await rm(folder, { recursive: true })
    }
  },
}
