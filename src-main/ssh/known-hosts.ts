import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { matchesPatterns } from './patterns'

/** One usable line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export type KnownHostsEntry = {
  marker: 'revoked' | 'cert-authority' | undefined
  /** The first field: comma-separated patterns, or one hashed name. */
  hosts: string
  keyType: string
  /** The key as SSH sends it. */
  key: Buffer
  /** What stands after the key. */
  comment: string
  /** Counted from 1, as editors do. */
  line: number
}

/** The entries of a known_hosts file. Comments and lines that make no sense are left out, as OpenSSH does. */
export function parseKnownHosts(text: string): KnownHostsEntry[] {
  return text.split('\n').flatMap((raw, index) => {
    const fields = raw.trim().split(/[ \t]+/)
    const marker = fields[0]?.startsWith('@') ? fields.shift()?.slice(1) : undefined
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return []
    const [hosts, keyType, base64, ...comment] = fields
    if (!hosts || hosts.startsWith('#') || !keyType || !base64) return []
    const key = Buffer.from(base64, 'base64')
    return keyAlgorithm(key) === keyType ? [{ marker, hosts, keyType, key, comment: comment.join(' '), line: index + 1 }] : []
  })
}

/** The name under which known_hosts keeps a host: the bare name on port 22, else `[name]:port`. Lower case, as OpenSSH. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

/**
 * Whether the first field of an entry means `name` (as of `knownHostsName`): plain, `*` and `?` patterns, `!` negations
 * (one that matches rules the whole entry out), and hashed names (`|1|salt|HMAC-SHA1`).
 */
export function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHashed(hosts, name)
  return matchesPatterns(hosts.toLowerCase().split(','), name)
}

function matchesHashed(field: string, name: string): boolean {
  const [, version, salt, hash] = field.split('|')
  if (version !== '1' || !salt || !hash) return false
  const wanted = Buffer.from(hash, 'base64')
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  return wanted.length === actual.length && timingSafeEqual(wanted, actual)
}

/** The key type that a public key names in its first field (RFC 4253, 6.6), or undefined if it is no key. */
export function keyAlgorithm(key: Buffer): string | undefined {
  if (key.length < 4) return undefined
  const length = key.readUInt32BE(0)
  if (length === 0 || length > 64 || key.length < 4 + length) return undefined
  return key.toString('latin1', 4, 4 + length)
}

/** `SHA256:…` as `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** A known_hosts line, without its newline. */
export function formatKnownHostsLine(host: string, port: number, key: Buffer): string {
  return `${knownHostsName(host, port)} ${keyAlgorithm(key) ?? 'unknown'} ${key.toString('base64')}`
}
