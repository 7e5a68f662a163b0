import { createHash } from 'node:crypto'
import ssh2 from 'ssh2'

export type KeyPair = {
  /** OpenSSH private key. */
  private: string
  /** `ssh-ed25519 AAAA…`, one line without a comment. */
  public: string
  /** `SHA256:…` as OpenSSH prints it. */
  fingerprint: string
}

/** A new ed25519 key pair. */
export function makeKeyPair(): KeyPair {
  for (;;) {
    const made = ssh2.utils.generateKeyPairSync('ed25519')
    // ssh2 1.17 drops a leading zero byte of a key now and then; what it cannot read back is no key.
    const read = ssh2.utils.parseKey(made.private)
    if (read instanceof Error || read.getPublicSSH().toString('base64') !== made.public.split(' ')[1]) continue
    const fingerprint = createHash('sha256').update(read.getPublicSSH()).digest('base64').replace(/=+$/, '')
    return { private: made.private, public: made.public.trim(), fingerprint: `SHA256:${fingerprint}` }
  }
}
