import { Duplex } from 'node:stream'
import ssh2, { type GetStreamCallback } from 'ssh2'
import { isSignedBy, type Sign } from './signature'
import { WireReader, wireString, wireUint32 } from './wire'

/** Domdeck's own login on a host, as far as it can be lent: by one public key and nothing else. */
export type OwnLogin = {
  /** As the way to it was resolved: who one is there, and where it is as this workstation reaches it. */
  user: string
  address: string
  port: number
  /** The key that the host has shown, and that is trusted for it. */
  hostKey: Buffer
  publicKey: Buffer
  sign: Sign
}

/** Message numbers of draft-ietf-sshm-ssh-agent. */
const messages = {
  failure: 5,
  success: 6,
  identities: 11,
  identitiesAnswer: 12,
  sign: 13,
  signAnswer: 14,
  extension: 27,
} as const
/** SSH_MSG_USERAUTH_REQUEST (RFC 4252, 5). */
const userauthRequest = 50
/** More than any request that is answered. */
const mostBytes = 32 * 1024

/** Thrown for a request that is not granted; the words say why, for a person. */
class Refusal extends Error {}

/**
 * An agent (draft-ietf-sshm-ssh-agent) that lends a login for one time. Forwarded to another host, it signs once, and only what OpenSSH's `ssh` there needs
 * to log in to the host of that login as its user: `ssh` must have shown by `session-bind@openssh.com` (OpenSSH's PROTOCOL.agent, since 8.9) with the host
 * key whom it speaks to in which session. So whoever controls that other host can use it nowhere else, and not a second time.
 */
export class LentLogin extends ssh2.BaseAgent {
  /** Why it has not signed what it was asked to sign. */
  refusal: string | undefined
  #used = false

  constructor(private readonly login: OwnLogin) {
    super()
  }

  /** What is lent serves other hosts, never the connection that it is forwarded on. */
  override getIdentities(done: (error?: Error | null, keys?: []) => void): void {
    done(null, [])
  }

  override sign(..._asked: unknown[]): void {
    throw new Error('a lent login signs for others only')
  }

  /** A connection to the agent; each must show anew whom it speaks to. */
  override getStream(done: GetStreamCallback): void {
    done(null, this.open())
  }

  open(): Duplex {
    let said = Buffer.alloc(0)
    let ended = false
    let session: Buffer | undefined
    let answering = Promise.resolve()
    const answer = async (request: Buffer): Promise<Buffer> => {
      const reader = new WireReader(request)
      switch (reader.byte()) {
        case messages.identities:
          reader.end()
          return Buffer.concat([
            Buffer.of(messages.identitiesAnswer),
            wireUint32(1),
            wireString(this.login.publicKey),
            wireString('lent by Domdeck for one login'),
          ])
        case messages.extension:
          if (session) throw new Refusal('a second session was shown on one connection')
          session = this.#boundSession(reader)
          return Buffer.of(messages.success)
        case messages.sign:
          return Buffer.concat([Buffer.of(messages.signAnswer), wireString(await this.#sign(reader, session))])
        default:
          throw new Refusal('something other than a login was asked for')
      }
    }
    const end = (done: () => void): void => {
      if (!ended) stream.push(null)
      ended = true
      said = Buffer.alloc(0)
      done()
    }
    const stream = new Duplex({
      // What is answered is small, and asked for one at a time.
      read: () => undefined,
      write: (chunk: Buffer, _encoding, written) => {
        said = Buffer.concat([said, chunk])
        while (said.length >= 4 && !ended) {
          const length = said.readUInt32BE(0)
          // This is no request, and where the next one would begin nobody knows.
          if (length === 0 || length > mostBytes) return end(written)
          if (said.length < 4 + length) break
          const request = said.subarray(4, 4 + length)
          said = said.subarray(4 + length)
          answering = answering.then(async () => {
            const reply = await answer(request).catch((thrown: unknown) => {
              this.refusal ??= thrown instanceof Refusal ? thrown.message : 'something was asked for that makes no sense'
              return Buffer.of(messages.failure)
            })
            if (!ended) stream.push(wireString(reply))
          })
        }
        void answering.then(() => written())
      },
      final: (done) => end(done),
    })
    return stream
  }

  /** The session that `session-bind@openssh.com` shows. */
  #boundSession(reader: WireReader): Buffer {
    if (reader.text() !== 'session-bind@openssh.com') throw new Refusal('something other than a login was asked for')
    const hostKey = reader.string()
    const session = reader.string()
    const signature = reader.string()
    const forwarded = reader.byte()
    reader.end()
    if (forwarded !== 0) throw new Refusal('it was to be forwarded to a further host')
    if (!hostKey.equals(this.login.hostKey)) throw new Refusal('another host was to be logged in to')
    if (!isSignedBy(hostKey, session, signature)) throw new Refusal('the session that was shown is not one of that host')
    return session
  }

  async #sign(reader: WireReader, session: Buffer | undefined): Promise<Buffer> {
    const { publicKey, user, hostKey, sign } = this.login
    const key = reader.string()
    const data = reader.string()
    // The flags ask for what stands in the data, too.
    reader.uint32()
    reader.end()
    if (!session) throw new Refusal('the ssh there does not show whom it logs in to, as OpenSSH does since 8.9')
    if (!key.equals(publicKey)) throw new Refusal('another key was asked for')
    // RFC 4252, 7, and OpenSSH's PROTOCOL, 3.1 (publickey-hostbound).
    const asked = new WireReader(data)
    if (!asked.string().equals(session)) throw new Refusal('it was for another session than the one that was shown')
    if (asked.byte() !== userauthRequest) throw new Refusal('something other than a login was to be signed')
    if (asked.text() !== user) throw new Refusal('another user was to be logged in')
    if (asked.text() !== 'ssh-connection') throw new Refusal('something other than a login was to be signed')
    const method = asked.text()
    const isBound = method === 'publickey-hostbound-v00@openssh.com'
    if (!(isBound || method === 'publickey') || asked.byte() !== 1)
      throw new Refusal('something other than a login was to be signed')
    const algorithm = asked.text()
    if (!asked.string().equals(publicKey)) throw new Refusal('another key was asked for')
    if (isBound && !asked.string().equals(hostKey)) throw new Refusal('another host was to be logged in to')
    asked.end()
    if (this.#used) throw new Refusal('it had been used already')
    this.#used = true
    return sign(data, algorithm).catch(() => {
      throw new Refusal('the key does not sign')
    })
  }
}
