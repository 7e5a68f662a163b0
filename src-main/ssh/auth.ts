import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2, {
  type AuthHandlerMiddleware,
  type BaseAgent,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2'
import { ProblemError } from '../../src-shared/problem'
import { fingerprint } from './known-hosts'
import { quoteArg } from './quote'

/** Where this person's keys are. Nothing is read from the environment behind the caller's back. */
export type Identity = {
  /** `SSH_AUTH_SOCK`, or undefined for no agent. */
  agentSocket: string | undefined
  homeDir: string
}

/** One key to try: held by the agent, or read from a file. `label` names it to a person. */
type Candidate = { label: string; publicKey: Buffer; agent?: BaseAgent; privateKey?: ParsedKey }

/** The keys of a login, and what could not be used. */
export type Credentials = {
  candidates: Candidate[]
  agent: string
  unusable: { path: string; missing: boolean; reason: string }[]
}

/** What OpenSSH tries unless told otherwise (ssh_config(5), IdentityFile), of the types that ssh2 knows. */
const defaultKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/**
 * Gathers the keys of a login, each once: with `keyPath`, that key first and then the agent's; without, the agent's and
 * then the default keys of `~/.ssh`. A key file that the agent holds is left to the agent, so its passphrase is not needed.
 */
export async function gatherCredentials({ agentSocket, homeDir }: Identity, keyPath?: string): Promise<Credentials> {
  const { keys, agent, note } = await agentKeys(agentSocket)
  const unusable: Credentials['unusable'] = []
  const candidates: Candidate[] = keys.map((key) => ({
    label: `agent key ${key.comment || fingerprint(key.getPublicSSH())}`,
    publicKey: key.getPublicSSH(),
    ...(agent ? { agent: new OneKeyAgent(agent, key) } : {}),
  }))
  const paths = keyPath ? [expandHome(keyPath, homeDir)] : defaultKeys.map((name) => join(homeDir, '.ssh', name))
  for (const path of paths) {
    const file = await readKeyFile(path)
    if (file.kind === 'missing' && !keyPath) continue
    const publicKey = file.kind === 'missing' ? undefined : file.publicKey
    const held = candidates.findIndex((candidate) => publicKey && candidate.publicKey.equals(publicKey))
    if (held >= 0) {
      if (keyPath) candidates.unshift(...candidates.splice(held, 1))
    } else if (file.kind === 'private') {
      const candidate = { label: path, publicKey: file.key.getPublicSSH(), privateKey: file.key }
      if (keyPath) candidates.unshift(candidate)
      else candidates.push(candidate)
    } else {
      unusable.push({ path, missing: file.kind === 'missing', reason: file.reason })
    }
  }
  return { candidates, agent: note, unusable }
}

/**
 * ssh2's authentication handler over these credentials, each tried once, and the problem to report when the host has
 * refused them all.
 */
export function createAuthentication(
  credentials: Credentials,
  user: string,
  host: string,
): { handler: AuthHandlerMiddleware; refused(why: 'all' | 'too many'): ProblemError } {
  const tried: string[] = []
  const queue = [...credentials.candidates]
  let accepted: string[] = []
  let asked = false
  const handler: AuthHandlerMiddleware = (methodsLeft, _partial, next) => {
    if (methodsLeft) accepted = methodsLeft
    const candidate = queue.shift()
    if (!candidate && accepted.length === 0 && !asked) {
      // Nobody told us yet which methods the host would take: there was no key, or ssh2 kept an agent key's answer.
      asked = true
      return next({ type: 'none', username: user })
    }
    // ssh2's own way to give up (client.js, doNextAuth); its types leave it out.
    if (!candidate) return next(false as unknown as 'none')
    tried.push(candidate.label)
    if (candidate.agent) return next({ type: 'agent', username: user, agent: candidate.agent })
    if (candidate.privateKey) next({ type: 'publickey', username: user, key: candidate.privateKey })
  }
  return {
    handler,
    refused(why) {
      const { unusable, agent } = credentials
      const [first] = unusable
      const takes = accepted.length > 0 ? `The host accepts: ${accepted.join(', ')}.` : ''
      const refusals = tried.length > 0 ? `refused ${tried.join(', ')}` : 'was offered no key'
      if (first) {
        const others = tried.length > 0 ? `${host} ${refusals}.` : ''
        const detail = [`The key ${first.path} ${first.reason}.`, others, agent, takes].filter(Boolean).join(' ')
        return new ProblemError('KEY_UNREADABLE', detail, {
          hint: first.missing
            ? 'Correct the path of the key in the settings of this host.'
            : `Load it into your agent with \`ssh-add ${quoteArg(first.path)}\`, or name another key for this host.`,
          context: { host },
        })
      }
      const detail = [`${host} does not let ${user} in: it ${refusals}.`, agent, takes].filter(Boolean).join(' ')
      const hint = 'The host allows no more attempts (MaxAuthTries): name the key to use in the settings of this host.'
      return new ProblemError('AUTH_FAILED', detail, { context: { host }, ...(why === 'too many' ? { hint } : {}) })
    },
  }
}

/** `~/…` as a shell would read it. */
function expandHome(path: string, homeDir: string): string {
  return path === '~' || path.startsWith('~/') ? join(homeDir, path.slice(1)) : path
}

/** Listing keys needs no person; an agent that takes longer hangs (a forwarded one whose link is gone). */
const agentDeadlineMs = 5_000

async function agentKeys(socket: string | undefined): Promise<{ keys: ParsedKey[]; agent?: BaseAgent; note: string }> {
  if (!socket) return { keys: [], note: 'No SSH agent is running.' }
  const agent = ssh2.createAgent(socket)
  return new Promise((resolve) => {
    const silent = { keys: [], note: 'The SSH agent does not answer.' }
    const timer = setTimeout(() => resolve(silent), agentDeadlineMs)
    agent.getIdentities((error, identities) => {
      clearTimeout(timer)
      if (error || !identities) return resolve(silent)
      // ssh2's agent gives parsed keys and leaves out the types it does not know (FIDO keys).
      const keys = identities.filter(
        (identity): identity is ParsedKey => identity instanceof Object && 'getPublicSSH' in identity,
      )
      resolve({ keys, agent, note: keys.length > 0 ? '' : 'The SSH agent holds no key that can be used.' })
    })
  })
}

/** The agent, showing one of its keys: ssh2 would otherwise offer all of them, in the agent's order and again after our own. */
class OneKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #agent: BaseAgent
  readonly #key: ParsedKey

  constructor(agent: BaseAgent, key: ParsedKey) {
    super()
    this.#agent = agent
    this.#key = key
  }

  override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    done(null, [this.#key])
  }

  override sign(key: ParsedKey, data: Buffer, options: SigningRequestOptions | SignCallback, done?: SignCallback): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options)
    else this.#agent.sign(key, data, options, done)
  }
}

type KeyFile =
  | { kind: 'private'; key: ParsedKey; publicKey: Buffer }
  | { kind: 'unusable'; publicKey: Buffer | undefined; reason: string }
  | { kind: 'missing'; reason: string }

async function readKeyFile(path: string): Promise<KeyFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT'
      ? { kind: 'missing', reason: 'does not exist' }
      : { kind: 'unusable', publicKey: await publicHalf(path, ''), reason: `cannot be read (${code})` }
  }
  const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text)
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (key && !(key instanceof Error) && key.isPrivateKey()) return { kind: 'private', key, publicKey: key.getPublicSSH() }
  // ssh2 tells an encrypted key from a broken one by its message only.
  const encrypted = key instanceof Error && key.message.startsWith('Encrypted')
  const reason = encrypted
    ? 'needs a passphrase, and the SSH agent does not hold it'
    : 'is not a private key that Domdeck can read'
  return { kind: 'unusable', publicKey: await publicHalf(path, text), reason }
}

/** The public half of a key file that cannot be used: in clear in OpenSSH's format (PROTOCOL.key), else from the `.pub` beside it. */
async function publicHalf(path: string, text: string): Promise<Buffer | undefined> {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1]
  if (base64) return publicKeyOfOpenSsh(Buffer.from(base64, 'base64'))
  const line = await readFile(`${path}.pub`, 'utf8').catch(() => '')
  const key = ssh2.utils.parseKey(line)
  return key instanceof Error ? undefined : key.getPublicSSH()
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
