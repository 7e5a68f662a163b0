import { expandGuestNames } from '../../src-shared/guest-names'
import type { Generation } from '../../src-shared/models/base'
import type { Host } from '../../src-shared/models/host'
import {
  type CloneMode,
  type CloneRequest,
  cloneRequestSchema,
  hasOwnRoot,
  leastDiskMb,
  noEncryption,
} from '../../src-shared/operations'

/** What a first clone of this generation on this host would be: small, named after the base, on the first bridge. */
export function firstRequest(host: Host, generation: Generation): CloneRequest {
  return {
    base: generation.base,
    generation: generation.generation,
    mode: 'overlay',
    layerMb: 2048,
    memoryMb: Math.max(256, generation.minMemoryMb),
    vcpus: 1,
    type: 'auto',
    bridge: host.facts?.bridges[0] ?? null,
    pattern: `${nameStem(generation.base)}-{01..}`,
    count: 1,
  }
}

/** The size that a mode begins with: a layer of a few GB, half of the RAM, or a disk as large as the base. */
export function sizeFor(mode: CloneMode, memoryMb: number, base: Generation, encrypted = false): number {
  if (mode === 'overlay' || encrypted) return 2048
  return Math.max(16, mode === 'throwaway' ? Math.floor(memoryMb / 2) : leastDiskMb(base.sizeBytes))
}

/** What changes of a request with another generation: what would be too small for it grows. */
export function onBase(request: CloneRequest, next: Generation): Partial<CloneRequest> {
  return {
    base: next.base,
    generation: next.generation,
    memoryMb: Math.max(request.memoryMb, next.minMemoryMb),
    ...(next.encryption ? {} : { encrypted: undefined, swapMb: undefined }),
    ...(hasOwnRoot(request.mode) ? { layerMb: Math.max(request.layerMb, leastDiskMb(next.sizeBytes)) } : {}),
  }
}

/** What changes of a request with another mode. A guest with a root disk of its own has no encrypted disks. */
export function inMode(request: CloneRequest, mode: CloneMode, base: Generation): Partial<CloneRequest> {
  if (noEncryption(mode) !== undefined) {
    return { mode, layerMb: sizeFor(mode, request.memoryMb, base), encrypted: undefined, swapMb: undefined }
  }
  return { mode, layerMb: sizeFor(mode, request.memoryMb, base, request.encrypted) }
}

/** The letters a base name begins with, as guests are commonly named after their base: `debian-12` gives `debian`. */
function nameStem(base: string): string {
  return /^[a-z]+/.exec(base)?.[0] ?? 'guest'
}

/** The newest generation of each base, by name. */
export function newestGenerations(generations: readonly Generation[]): Generation[] {
  const newest = new Map<string, Generation>()
  for (const generation of generations) {
    const known = newest.get(generation.base)
    if (!known || known.generation < generation.generation) newest.set(generation.base, generation)
  }
  return [...newest.values()].sort((left, right) => left.base.localeCompare(right.base))
}

/** Why a request cannot be asked for, by field, in the words of its schema; empty when it can. Names are judged here, without a round trip. */
export function requestErrors(request: CloneRequest): Partial<Record<keyof CloneRequest, string>> {
  const parsed = cloneRequestSchema.safeParse(request)
  const errors: Partial<Record<keyof CloneRequest, string>> = {}
  for (const issue of parsed.error?.issues ?? []) {
    const field = issue.path[0] as keyof CloneRequest
    errors[field] ??= issue.message
  }
  const names = errors.count ? undefined : expandGuestNames(request.pattern, request.count)
  if (names && 'refused' in names) errors.pattern = names.refused
  return errors
}

/** `1.1 MB`, `640 MB`, `2 GB`: as design has it, one digit below ten, binary steps. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = count
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = value < 10 && unit > 0 && !Number.isInteger(value) ? 1 : 0
  return `${value.toFixed(digits)} ${units[unit]}`
}
