import { randomUUID } from 'node:crypto'
import { takeMac } from '../src-main/guests/mac'
import type { OperationInput } from '../src-shared/operations'

/** What the clone dialog would ask for these overlay guests of the lab. */
export function cloneInput(base: string, names: readonly string[]): OperationInput<'guest.clone'> {
  const macs = new Set<string>()
  return {
    base,
    generation: 1,
    mode: 'overlay',
    layerMb: 2048,
    memoryMb: 128,
    vcpus: 1,
    type: 'pv',
    bridge: 'xenbr0',
    guests: names.map((name) => {
      const uuid = randomUUID()
      return { name, uuid, mac: takeMac(uuid, macs) }
    }),
  }
}
