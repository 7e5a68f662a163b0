import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2'
import type { ProblemError } from '../../src-shared/problem'
import type { Hop } from './jump'
import { fingerprint, formatKnownHostsLine, keyAlgorithm } from './known-hosts'
import { HostKeyError, type KnownKeys } from './trust'

/** ssh2's own defaults without `ssh-rsa`, which signs with SHA-1. */
const hostKeyAlgorithms: ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

/** What sshd of OpenSSH 5 and 6 may need; none of it is offered unless asked for. */
const legacy = {
  kex: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'],
  serverHostKey: ['ssh-rsa', 'ssh-dss'],
  cipher: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'],
} as const

/** The problem with a presented key, or undefined when it is trusted. */
export function judge(key: Buffer, known: KnownKeys, { host, knownAs }: Hop): ProblemError | undefined {
  const verdict = known.judge(key)
  if (verdict.verdict === 'trusted') return undefined
  const algorithm = keyAlgorithm(key) ?? 'unknown'
  const presented = {
    of: host,
    algorithm,
    fingerprint: fingerprint(key),
    line: formatKnownHostsLine(knownAs.host, knownAs.port, key),
  }
  const shows = `${host} shows the ${algorithm} key ${presented.fingerprint}`
  if (verdict.verdict === 'changed') {
    const { file, line } = verdict.place
    return new HostKeyError('HOST_KEY_CHANGED', `${shows}, but line ${line} of ${file} has another one.`, presented)
  }
  if (verdict.verdict === 'revoked') {
    const { file, line } = verdict.place
    const hint = 'Do not connect. Ask whoever revoked it what the right key is.'
    return new HostKeyError('HOST_KEY_CHANGED', `${shows}, which line ${line} of ${file} marks as revoked.`, presented, hint)
  }
  const { authority } = verdict
  const [other] = verdict.others
  if (authority && !other) {
    return new HostKeyError(
      'HOST_KEY_UNKNOWN',
      `${shows}. Line ${authority.line} of ${authority.file} trusts a certificate authority for it, but Domdeck cannot check host certificates, only keys.`,
      presented,
      'Compare the fingerprint with the one on the host, then trust the key itself.',
    )
  }
  return other
    ? new HostKeyError(
        'HOST_KEY_UNKNOWN',
        `${shows}. Line ${other.line} of ${other.file} has only a ${other.keyType} key for it, which it did not show.`,
        presented,
        'Find out why it shows another kind of key before you trust it.',
      )
    : new HostKeyError('HOST_KEY_UNKNOWN', `${shows}, which is in no known_hosts file.`, presented)
}

/** What to offer: host key types that are known come first, so that a trusted host is not met as an unknown one. */
export function algorithmsFor(keyTypes: string[], withLegacy: boolean): Algorithms {
  const offered = [...hostKeyAlgorithms, ...(withLegacy ? legacy.serverHostKey : [])]
  const isKnown = (algorithm: string) => keyTypes.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm)
  const serverHostKey = [...offered.filter(isKnown), ...offered.filter((algorithm) => !isKnown(algorithm))]
  if (!withLegacy) return { serverHostKey }
  const append = <T>(list: readonly T[]) => ({ append: [...list], prepend: [], remove: [] })
  return { serverHostKey, kex: append(legacy.kex), cipher: append(legacy.cipher) }
}
