import type { TrustEntry } from '../../src-shared/models/trust'

/** What a pasted text says about a key: that it is this one, another of the same type, one of another type, or nothing. */
export type Comparison = 'equal' | 'differs' | 'other type' | 'nothing'

type Key = Pick<TrustEntry, 'keyType' | 'fingerprint'> & Partial<Pick<TrustEntry, 'md5' | 'key'>>

/**
 * Compares a key with what `ssh-keygen -l` printed, in either form of fingerprint, or with the public key itself; any of several lines
 * may be it. A fingerprint that is cut short says nothing.
 */
export function compareKey(key: Key, text: string): Comparison {
  const found = text.split('\n').flatMap((line) => {
    const value =
      /SHA256:[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/])/.exec(line)?.[0] ??
      /\b(?:[0-9a-f]{2}:){15}[0-9a-f]{2}\b/i.exec(line)?.[0].toLowerCase() ??
      /\bAAAA[A-Za-z0-9+/]{40,}={0,2}/.exec(line)?.[0]
    if (value === undefined || (value.startsWith('AAAA') && key.key === undefined)) return []
    return [{ value, type: /\(([A-Z0-9-]+)\)\s*$/.exec(line)?.[1] ?? /\b(?:ssh|ecdsa)-[a-z0-9-]+/.exec(line)?.[0] }]
  })
  if (found.length === 0) return 'nothing'
  const own = [key.fingerprint, key.md5?.replace(/^MD5:/, ''), key.key]
  if (found.some(({ value }) => own.includes(value))) return 'equal'
  const others = found.every(({ type }) => type !== undefined && family(type) !== family(key.keyType))
  return others ? 'other type' : 'differs'
}

/** `ed25519` for what OpenSSH writes as ED25519 and as ssh-ed25519. */
function family(type: string): string {
  const lower = type.toLowerCase()
  return ['ed25519', 'ecdsa', 'rsa', 'dsa'].find((name) => lower.includes(name)) ?? (lower.includes('dss') ? 'dsa' : lower)
}
