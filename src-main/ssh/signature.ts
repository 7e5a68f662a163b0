import { verify } from 'node:crypto'
import ssh2, { type BaseAgent, type ParsedKey } from 'ssh2'
import { keyAlgorithm } from './known-hosts'
import { WireReader, wireString } from './wire'

/** The hash of a signature algorithm; none where the key has its own (RFC 8032), undefined for one that is not used here, such as SHA-1. */
const hashes: Readonly<Record<string, 'sha256' | 'sha384' | 'sha512' | null>> = {
  'ssh-ed25519': null,
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
}

/** Whether this algorithm (RFC 8332 for RSA) signs with a key of this type. */
const fits = (algorithm: string, keyType: string | undefined): boolean =>
  Object.hasOwn(hashes, algorithm) && (keyType === 'ssh-rsa' ? algorithm.startsWith('rsa-') : algorithm === keyType)

/** Whether `signature`, as SSH sends it (algorithm and blob), is that of the holder of `publicKey` on `data`. */
export function isSignedBy(publicKey: Buffer, data: Buffer, signature: Buffer): boolean {
  try {
    const reader = new WireReader(signature)
    const algorithm = reader.text()
    const blob = reader.string()
    reader.end()
    const type = keyAlgorithm(publicKey)
    const key = ssh2.utils.parseKey(`${type} ${publicKey.toString('base64')}`)
    if (key instanceof Error || !fits(algorithm, type)) return false
    const given = algorithm.startsWith('ecdsa-') ? asP1363(blob, algorithm) : blob
    return verify(hashes[algorithm] ?? null, data, { key: key.getPublicPEM(), dsaEncoding: 'ieee-p1363' }, given)
  } catch {
    return false
  }
}

/** The two numbers of an ECDSA signature (RFC 5656, 3.1.2), side by side, each as long as the curve. */
function asP1363(blob: Buffer, algorithm: string): Buffer {
  const length = Math.ceil(Number(algorithm.slice(-3)) / 8)
  const reader = new WireReader(blob)
  const numbers = [reader.string(), reader.string()].map((number) => {
    const digits = number.length > length && number[0] === 0 ? number.subarray(1) : number
    return Buffer.concat([Buffer.alloc(length - digits.length), digits])
  })
  return Buffer.concat(numbers)
}

/** Signs by this algorithm, as SSH sends it. Rejects when the key cannot, or whoever holds it does not. */
export type Sign = (data: Buffer, algorithm: string) => Promise<Buffer>

/** A key that can sign now: itself, or by the agent that holds its private half. */
export type UsableKey = { key: ParsedKey; agent?: BaseAgent }

export function signerOf({ key, agent }: UsableKey): Sign {
  return async (data, algorithm) => {
    if (!fits(algorithm, keyAlgorithm(key.getPublicSSH()))) throw new Error(`this is no key for ${algorithm}`)
    // The other types have one hash each.
    const hash = algorithm === 'rsa-sha2-256' ? 'sha256' : algorithm === 'rsa-sha2-512' ? 'sha512' : undefined
    const blob: Buffer | Error = agent ? await askAgent(agent, key, data, hash) : key.sign(data, hash)
    if (blob instanceof Error) throw blob
    return Buffer.concat([wireString(algorithm), wireString(algorithm.startsWith('ecdsa-') ? fromDer(blob) : blob)])
  }
}

function askAgent(agent: BaseAgent, key: ParsedKey, data: Buffer, hash: 'sha256' | 'sha512' | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    agent.sign(key, data, hash ? { hash } : {}, (error, signature) =>
      signature ? resolve(signature) : reject(error ?? new Error('the agent does not sign')),
    )
  })
}

/** An ECDSA signature of OpenSSL as SSH has it; an agent gives it so already. */
function fromDer(signature: Buffer): Buffer {
  if (signature[0] !== 0x30) return signature
  const first = (signature[1] ?? 0) & 0x80 ? 3 : 2
  const second = first + 2 + (signature[first + 1] ?? 0)
  return Buffer.concat([
    wireString(signature.subarray(first + 2, second)),
    wireString(signature.subarray(second + 2, second + 2 + (signature[second + 1] ?? 0))),
  ])
}
