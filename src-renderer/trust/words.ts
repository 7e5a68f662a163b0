import type { TrustEntry } from '../../src-shared/models/trust'

/** Where an entry stands, in words. */
export function placeOf({ origin, file, line }: TrustEntry): string {
  if (origin === 'pinned') return 'Domdeck, for this run'
  return origin === 'own' ? `Domdeck, line ${line}` : `${file}, line ${line}`
}
