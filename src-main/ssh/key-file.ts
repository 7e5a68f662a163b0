import { createPrivateKey } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import ssh2, { type ParsedKey } from 'ssh2'

/** A private key file that needs a passphrase. */
export type LockedKey = {
  path: string
  text: string
  /** Undefined for a PEM file without its `.pub`: only the passphrase shows which key it is. */
  publicKey: ParsedKey | undefined
}

export type KeyFile = { path: string; certificate: string | undefined } & (
  | { kind: 'private'; key: ParsedKey; publicKey: ParsedKey }
  | ({ kind: 'locked' } & LockedKey)
  | { kind: 'unusable'; publicKey: ParsedKey | undefined; reason: string }
  | { kind: 'missing'; publicKey: ParsedKey | undefined; reason: string }
)

/** Reads a private key of OpenSSH's format, PEM or PuTTY's; what cannot be used says why. */
export async function readKeyFile(path: string): Promise<KeyFile> {
  const certificate = `${path}-cert.pub`
  const about = {
    path,
    certificate: await access(certificate).then(
      () => certificate,
      () => undefined,
    ),
  }
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT'
      ? { ...about, kind: 'missing', publicKey: await publicHalf(path, ''), reason: 'does not exist' }
      : { ...about, kind: 'unusable', publicKey: await publicHalf(path, ''), reason: `cannot be read (${code})` }
  }
  const key = parse(text)
  if (!(key instanceof Error) && key.isPrivateKey()) return { ...about, kind: 'private', key, publicKey: key }
  // Some name the public half of a key that only an agent has.
  if (!(key instanceof Error)) {
    return {
      ...about,
      kind: 'unusable',
      publicKey: key,
      reason: 'is a public key, and the SSH agent does not hold its private one',
    }
  }
  const publicKey = await publicHalf(path, text)
  // ssh2 tells an encrypted key from a broken one by its message only.
  const isLocked = key.message.startsWith('Encrypted') || text.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----')
  if (isLocked) return { ...about, kind: 'locked', text, publicKey }
  return { ...about, kind: 'unusable', publicKey, reason: 'is not a private key that Domdeck can read' }
}

/** The key, or undefined when the passphrase is not the right one. */
export function openKey({ text }: LockedKey, passphrase: string): ParsedKey | undefined {
  const key = parse(text, passphrase)
  return key instanceof Error || !key.isPrivateKey() ? undefined : key
}

function parse(key: string | Buffer, passphrase?: string): ParsedKey | Error {
  const text = typeof key === 'string' && isPkcs8.test(key) ? (fromPkcs8(key, passphrase) ?? key) : key
  const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text, passphrase)
  return Array.isArray(parsed) ? (parsed[0] ?? new Error('no key')) : parsed
}

const isPkcs8 = /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/

/** What `ssh-keygen -m PKCS8` and openssl write and ssh2 cannot read, in the form that it can; undefined when it does not open. */
function fromPkcs8(text: string, passphrase: string | undefined): string | undefined {
  try {
    const key = createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) })
    return key.export({ format: 'pem', type: key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1' }).toString()
  } catch {
    return undefined
  }
}

/** The public half of a key file that is not open: in clear in OpenSSH's format (PROTOCOL.key), else from the `.pub` beside it. */
async function publicHalf(path: string, text: string): Promise<ParsedKey | undefined> {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1]
  const half = base64
    ? publicKeyOfOpenSsh(Buffer.from(base64, 'base64'))
    : await readFile(`${path}.pub`, 'utf8').catch(() => undefined)
  const key = half === undefined ? undefined : parse(half)
  return key instanceof Error ? undefined : key
}

function publicKeyOfOpenSsh(container: Buffer): Buffer | undefined {
  let at = 'openssh-key-v1\0'.length
  const field = () => {
    if (at + 4 > container.length) return undefined
    const start = at + 4
    at = start + container.readUInt32BE(at)
    return at <= container.length ? container.subarray(start, at) : undefined
  }
  for (const _ of ['cipher', 'kdf', 'kdf options']) field()
  at += 4 // the number of keys, always one
  return field()
}
