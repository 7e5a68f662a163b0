import { createHash } from 'node:crypto'
import { keyAlgorithm } from './known-hosts'

const columns = 17
const rows = 9
/** How often a field was crossed, then start and end. */
const marks = ' .o+=*BOX@%&#/^SE'
const start = marks.length - 2
const end = marks.length - 1

/** The picture that `ssh-keygen -lv` draws of a key (sshkey.c, fingerprint_randomart), for comparing by eye. */
export function randomart(key: Buffer): string {
  const field = Array.from({ length: rows }, () => new Array<number>(columns).fill(0))
  let [x, y] = [(columns - 1) / 2, (rows - 1) / 2]
  const put = (mark: (before: number) => number) => {
    const row = field[y]
    if (row) row[x] = mark(row[x] ?? 0)
  }
  for (const byte of createHash('sha256').update(key).digest()) {
    for (let bits = 0; bits < 8; bits += 2) {
      x = Math.min(columns - 1, Math.max(0, x + ((byte >> bits) & 1 ? 1 : -1)))
      y = Math.min(rows - 1, Math.max(0, y + ((byte >> bits) & 2 ? 1 : -1)))
      put((before) => Math.min(before + 1, start - 1))
    }
  }
  put(() => end)
  ;[x, y] = [(columns - 1) / 2, (rows - 1) / 2]
  put((before) => (before === end ? end : start))
  const lines = field.map((row) => `|${row.map((count) => marks[count]).join('')}|`)
  const name = shortName(key)
  const bits = keyBits(key)
  return [border(bits === undefined ? `[${name}]` : `[${name} ${bits}]`), ...lines, border('[SHA256]')].join('\n')
}

/** `MD5:…` as `ssh-keygen -l -E md5` prints it, for hosts that are too old for SHA256. */
export function md5Fingerprint(key: Buffer): string {
  return `MD5:${createHash('md5').update(key).digest('hex').match(/../g)?.join(':')}`
}

function border(title: string): string {
  const left = Math.floor((columns - title.length) / 2)
  return `+${'-'.repeat(left)}${title}${'-'.repeat(columns - title.length - left)}+`
}

/** `ED25519` for ssh-ed25519. */
function shortName(key: Buffer): string {
  const type = keyAlgorithm(key) ?? 'unknown'
  if (type.startsWith('ecdsa-')) return 'ECDSA'
  return type.replace(/^ssh-/, '').replace('dss', 'dsa').toUpperCase().slice(0, 10)
}

function keyBits(key: Buffer): number | undefined {
  const type = keyAlgorithm(key) ?? ''
  if (type === 'ssh-ed25519') return 256
  const curve = /nistp(\d+)$/.exec(type)?.[1]
  if (curve) return Number(curve)
  // ssh-rsa: type, exponent, modulus (RFC 4253, 6.6); the modulus may begin with a zero byte.
  const modulus = type === 'ssh-rsa' ? fieldOf(key, 2) : undefined
  const first = modulus?.findIndex((byte) => byte !== 0) ?? -1
  if (!modulus || first < 0) return undefined
  return (modulus.length - first) * 8 - (Math.clz32(modulus[first] ?? 0) - 24)
}

function fieldOf(key: Buffer, index: number): Buffer | undefined {
  let at = 0
  for (let count = 0; at + 4 <= key.length; count++) {
    const next = at + 4 + key.readUInt32BE(at)
    if (next > key.length) return undefined
    if (count === index) return key.subarray(at + 4, next)
    at = next
  }
  return undefined
}
