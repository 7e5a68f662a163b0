import type { Host } from '../../src-shared/models/host'
import { hostFace } from './faces'

/** Hosts that only a person can bring back, with the reason; the changed keys first. */
export function connectionTrouble(hosts: readonly Host[]): { host: Host; reason: string; isKey: boolean }[] {
  return hosts
    .filter((host) => host.connection.phase === 'blocked' || host.connection.phase === 'asking')
    .map((host) => ({
      host,
      reason: hostFace(host).reason,
      isKey: host.connection.phase === 'blocked' && host.connection.problem.code.startsWith('HOST_KEY'),
    }))
    .sort((left, right) => Number(right.isKey) - Number(left.isKey))
}
