import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type Churn, startChurn } from './churn'
import { type SimulatedFleet, startSimulatedFleet } from './server'

// A fleet of pretend dom0s as a program: `simulated.js --hosts 3 --guests 12 [--seed 1] [--dir FOLDER]`.
// Prints one line of JSON when it is ready; then takes a line of JSON an act on its input, such as {"op":"cut","host":"sim-1"},
// and answers each with a line. Ends, and removes its folder, when its input closes or at SIGTERM.

type Act = { op?: string; host?: string; name?: string; on?: boolean; count?: number; ms?: number; argv?: [string, ...string[]] }

const say = (message: unknown): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

let churn: Churn | undefined

/** Changes all over the fleet, `count` a second, until it is switched off; then it tells of each. */
async function switchChurn(fleet: SimulatedFleet, { on = true, count = 20 }: Act): Promise<unknown> {
  const before = churn
  churn = undefined
  const changes = await before?.stop()
  if (on) churn = startChurn(fleet.hosts, count)
  return changes
}

async function act(fleet: SimulatedFleet, { op, host: hostName = '', ...more }: Act): Promise<unknown> {
  if (op === 'churn') return switchChurn(fleet, more)
  const host = fleet.host(hostName)
  switch (op) {
    case 'cut':
      return host.cut()
    case 'stall':
      return host.stall(more.on ?? true)
    case 'refuseSessions':
      return host.refuseSessions(more.count ?? 1)
    case 'slow':
      return host.slow(more.ms ?? 0)
    case 'changeHostKey':
      return host.changeHostKey()
    case 'crashGuest':
      return host.crashGuest(more.name ?? '')
    case 'addForeignGuest':
      return host.addForeignGuest({ name: more.name ?? '' })
    case 'powerCut':
      return host.powerCut()
    case 'powerOn':
      return host.powerOn()
    case 'run':
      return host.run(more.argv ?? ['true'])
    default:
      throw new Error(`No such act: ${op}`)
  }
}

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '3' },
    guests: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    dir: { type: 'string' },
  },
})
const fleet = await startSimulatedFleet({
  hosts: Number(values.hosts),
  guests: Number(values.guests),
  seed: Number(values.seed),
  ...(values.dir === undefined ? {} : { folder: values.dir }),
})
let stopping = false
const stop = () => {
  if (stopping) return
  stopping = true
  void fleet.stop().then(() => process.exit(0))
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.on('disconnect', stop)
const input = createInterface({ input: process.stdin })
// One after the other, so that answers come in the order of the acts.
let acts = Promise.resolve()
input.on('line', (line) => {
  acts = acts
    .then(() => act(fleet, JSON.parse(line) as Act))
    .then(
      (value) => say({ done: true, ...(value === undefined ? {} : { value }) }),
      (thrown: unknown) => say({ done: false, error: thrown instanceof Error ? thrown.message : String(thrown) }),
    )
})
input.on('close', () => void acts.finally(stop))
say({ ready: true, hosts: fleet.hosts.map((host) => host.description) })
