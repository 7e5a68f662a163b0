import { type Random, seededRandom } from './random'

/** A generation of a base on a pretend host. */
export type PlannedBase = {
  name: string
  generation: number
  kernelVersion: string
  sizeMb: number
  /** Its initrd can encrypt disks. */
  encryption?: boolean
  /** How long before the start of the fleet it was imported. */
  ageDays: number
}

/** A guest of a pretend host, as it is when the fleet starts. */
export type PlannedGuest = {
  name: string
  uuid: string
  mac: string
  type: 'pv' | 'pvh'
  memoryMb: number
  vcpus: number
  /** `dying`: shut down, and some of its memory not given back; xl has no name for it any more. */
  state: 'running' | 'paused' | 'crashed' | 'halted' | 'dying'
  /** Share of its vCPUs that it uses over time. */
  load: number
  /** How long it has been running when the fleet starts. */
  upSeconds: number
  bridge: string
  /** Absent for a guest that others made, with its config in /etc/xen and a disk of its own. */
  origin?: { base: string; generation: number; mode: 'overlay' | 'throwaway'; layerMb: number }
}

/** Everything that a pretend host begins with. */
export type HostPlan = {
  name: string
  memoryMb: number
  cpus: number
  diskGb: number
  bridges: string[]
  bases: PlannedBase[]
  guests: PlannedGuest[]
}

const roles = ['web', 'api', 'cache', 'worker', 'build', 'db', 'mail', 'mon'] as const

/** Names that others gave their guests, in every shape that xl takes; never two of one host the same. */
const shapes = [
  'two words',
  'ü 名 😀',
  "it's",
  '$(reboot)',
  '-rf',
  '4711',
  '|end',
  'UPPER.lower_9',
  'x'.repeat(80),
  '7 24 1 r----- 1.0',
] as const

/** A name in shape number `at` of all. */
export function oddName(at: number): string {
  const shape = shapes[at % shapes.length] ?? shapes[0]
  const round = Math.floor(at / shapes.length)
  return round === 0 ? shape : `${shape}${round + 1}`
}

/** The guests of a small host have the tidy names and plain states that people like to look at. */
const tidyGuests = 32

/** What host number `index` (from 1) of a fleet has: the same for the same seed. */
export function planHost(index: number, guests: number, seed: number): HostPlan {
  const random = seededRandom(seed * 1000 + index)
  const bases: PlannedBase[] = [
    { name: 'debian-12', generation: 1, kernelVersion: '6.1.0-38-amd64', sizeMb: 640, ageDays: 131 },
    { name: 'debian-12', generation: 2, kernelVersion: '6.1.0-44-amd64', sizeMb: 640, ageDays: 66 },
    { name: 'debian-12', generation: 3, kernelVersion: '6.1.0-56-amd64', sizeMb: 768, encryption: true, ageDays: 9 },
  ]
  if (index % 2 === 1) {
    const about = { kernelVersion: '6.12.48-amd64', sizeMb: 896, encryption: true, ageDays: 24 }
    bases.push({ name: 'debian-13', generation: 1, ...about })
  }
  const planned = Array.from({ length: guests }, (_, at) => planGuest(at, random, bases))
  const used = planned.reduce((sum, guest) => sum + guest.memoryMb, 0)
  return {
    name: `sim-${index}`,
    // A third free, in steps that memory is sold in.
    memoryMb: Math.max(64, 2 ** Math.ceil(Math.log2((used * 1.5) / 1024 + 8))) * 1024,
    cpus: guests > 40 ? 64 : 16,
    diskGb: random.pick([900, 1800, 3600]),
    bridges: ['xenbr0', 'xenbr1'],
    bases,
    guests: planned,
  }
}

function planGuest(at: number, random: Random, bases: PlannedBase[]): PlannedGuest {
  // Runs of one role, as hosts have them: web-01..web-04, api-01..api-04, ...; then the next round of numbers.
  const role = roles[Math.floor(at / 4) % roles.length] ?? 'web'
  const number = Math.floor(at / (4 * roles.length)) * 4 + (at % 4) + 1
  const odd = at >= tidyGuests && at % 4 === 0
  const name = odd ? oddName((at - tidyGuests) / 4) : `${role}-${String(number).padStart(2, '0')}`
  const foreign = odd || role === 'db' || role === 'mail' || role === 'mon'
  const chance = random.next()
  const state =
    at === 6
      ? 'paused'
      : at === 18
        ? 'crashed'
        : at === tidyGuests + 1
          ? 'dying'
          : chance < 0.84
            ? 'running'
            : chance < 0.97
              ? 'halted'
              : 'paused'
  const base = bases[random.between(0, bases.length - 1)]
  return {
    name,
    uuid: random.uuid(),
    mac: `00:16:3e:${random.between(0, 0x7f).toString(16).padStart(2, '0')}:${random.hex(2)}:${random.hex(2)}`,
    type: foreign ? 'pv' : 'pvh',
    memoryMb: random.pick([256, 256, 512, 512, 1024, role === 'db' ? 4096 : 512]),
    vcpus: random.pick([1, 1, 2, role === 'db' ? 4 : 2]),
    state,
    load: random.next() < 0.1 ? 0.4 + random.next() * 0.5 : 0.05 + random.next() * 0.3,
    upSeconds: random.between(600, 3_000_000),
    bridge: random.next() < 0.85 ? 'xenbr0' : 'xenbr1',
    ...(foreign || !base
      ? {}
      : {
          origin: {
            base: base.name,
            generation: base.generation,
            mode: role === 'worker' ? ('throwaway' as const) : ('overlay' as const),
            layerMb: 2048,
          },
        }),
  }
}
