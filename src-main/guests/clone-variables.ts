import type { CloneInput } from '../../src-shared/operations'

/** The shell variables that clone.sh, guest-config.sh and preflight.sh read. */
export function cloneVariables(input: CloneInput): Record<string, string> {
  return {
    base: input.base,
    generation: String(input.generation),
    mode: input.mode,
    pool: input.pool ?? '',
    layer_mb: String(input.layerMb),
    encrypted: input.encrypted ? '1' : '',
    swap_mb: input.swapMb === undefined ? '' : String(input.swapMb),
    memory_mb: String(input.memoryMb),
    vcpus: String(input.vcpus),
    type: input.type,
    bridge: input.bridge ?? '',
    guests: input.guests.map(({ name, uuid, mac }) => `${name} ${uuid} ${mac}`).join('\n'),
  }
}
