import type { Generation } from '../../src-shared/models/base'
import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { compareNames, type Fleet } from '../fleet/store'
import { usersOf } from './base-acts'

/** A generation on one host. */
export type BaseCopy = { host: Host; generation: Generation; guests: readonly Guest[]; users: readonly Guest[] }

/** One and the same generation, by its sha256, wherever it is. */
export type BaseRow = {
  key: string
  generation: Generation
  copies: readonly BaseCopy[]
  /** The highest number of its base in the fleet. */
  newest: boolean
  /** Hosts that have a generation of this base and number which is another image. */
  differs: readonly Host[]
}

type Fleetwide = Pick<Fleet, 'hosts' | 'guests' | 'bases'>

/** All generations of the fleet by base, the newest of each first; those of one number with another sha256 stand beside each other. */
export function baseRows({ hosts, guests, bases }: Fleetwide, words = ''): BaseRow[] {
  const found = new Map<string, BaseCopy[]>()
  for (const host of hosts) {
    const ofHost = guests.get(host.settings.id) ?? []
    for (const generation of bases.get(host.settings.id) ?? []) {
      const key = `${generation.base}/${generation.generation}/${generation.sha256}`
      const copies = found.get(key) ?? []
      found.set(key, [...copies, { host, generation, guests: ofHost, users: usersOf(generation, ofHost) }])
    }
  }
  const all = [...found].flatMap(([key, copies]) => (copies[0] ? [{ key, generation: copies[0].generation, copies }] : []))
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return all
    .filter(({ generation, copies }) => {
      const text = [generation.base, `generation ${generation.generation}`, ...copies.map(({ host }) => host.settings.name)]
      return wanted.every((word) => text.join(' ').toLowerCase().includes(word))
    })
    .map((row) => {
      const { base, generation } = row.generation
      const ofBase = all.filter((one) => one.generation.base === base)
      const twins = ofBase.filter((one) => one.generation.generation === generation && one.key !== row.key)
      return {
        ...row,
        newest: generation > 1 && ofBase.every((one) => one.generation.generation <= generation),
        differs: twins.flatMap(({ copies }) => copies.map(({ host }) => host)),
      }
    })
    .sort(
      (left, right) =>
        compareNames(left.generation.base, right.generation.base) ||
        right.generation.generation - left.generation.generation ||
        right.copies.length - left.copies.length,
    )
}

/** Why a generation cannot be copied to a host, in a few words; undefined when it can. */
export function copyRefusal(
  { base, generation, sha256 }: Generation,
  host: Host,
  there: readonly Generation[],
): string | undefined {
  if (host.connection.phase !== 'ready') return 'not connected'
  const same = there.find((one) => one.base === base && one.generation === generation)
  if (same?.sha256 === sha256) return 'has it already'
  if (same) return `has another generation ${generation}, with sha256 ${same.sha256.slice(0, 12)}`
  return undefined
}
