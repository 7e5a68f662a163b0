import { join } from 'node:path'
import ssh2, { type BaseAgent, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2'
import { type LockedKey, readKeyFile } from './key-file'
import { fingerprint } from './known-hosts'

/** Where this person's keys are. Nothing is read from the environment behind the caller's back. */
export type Identity = {
  /** `SSH_AUTH_SOCK`, or undefined for no agent. */
  agentSocket: string | undefined
  homeDir: string
  /** The login name on this workstation, where it is not the process's own. */
  localUser?: string
  /** For variables in `~/.ssh/config`. */
  environment?: Record<string, string | undefined>
  /** Where the system's ssh_config and ssh_known_hosts are, if not in `/etc/ssh`. */
  systemFolder?: string
}

/** Which keys to try. `Hop` fits. */
export type KeyChoice = {
  /** Instead of those in `identityFiles`. */
  keyPath?: string | undefined
  /** Those of `~/.ssh/config`; absent: the default ones. */
  identityFiles?: readonly string[] | undefined
  /** Of the agent's keys, only those that the files name. */
  identitiesOnly?: boolean
}

/** One key to try: held by the agent, read from a file, or in a file that needs a passphrase. `label` names it to a person. */
export type Candidate = { label: string; publicKey: ParsedKey | undefined } & (
  | { kind: 'agent'; agent: BaseAgent; publicKey: ParsedKey }
  | { kind: 'private'; key: ParsedKey }
  | { kind: 'locked'; file: LockedKey }
)

/** The keys of a login in the order to try them, and what could not be used. */
export type Credentials = {
  candidates: Candidate[]
  agent: string
  unusable: { path: string; missing: boolean; reason: string }[]
  /** Certificates beside the keys, which ssh2 cannot present: it signs in the name of the certificate's type, which OpenSSH refuses. */
  certificates: string[]
}

/** What OpenSSH tries unless told otherwise (ssh_config(5), IdentityFile), of the types that ssh2 knows. */
const defaultKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/**
 * Gathers the keys of a login, each once: those that a person or
 * `~/.ssh/config` names first, then the agent's; without such, the agent's and
 * then the default keys of `~/.ssh`, those that need a passphrase last. A key file that the agent holds is left to the
 * agent, so its passphrase is not needed.
 */
export async function gatherCredentials(
  { agentSocket, homeDir }: Identity,
  { keyPath, identityFiles, identitiesOnly = false }: KeyChoice = {},
): Promise<Credentials> {
  const { keys, agent, note } = await agentKeys(agentSocket)
  const held: Candidate[] = agent
    ? keys.map((key) => ({
        kind: 'agent',
        label: `agent key ${key.comment || fingerprint(key.getPublicSSH())}`,
        publicKey: key,
        agent,
      }))
    : []
  const files: Candidate[] = []
  const unusable: Credentials['unusable'] = []
  const certificates: string[] = []
  const notes = [note]
  const chosen = keyPath ? [expandHome(keyPath, homeDir)] : identityFiles
  for (const path of chosen ?? defaultKeys.map((name) => join(homeDir, '.ssh', name))) {
    const file = await readKeyFile(path)
    if (file.certificate) certificates.push(file.certificate)
    const { publicKey } = file
    const at = held.findIndex((candidate) => publicKey && isSameKey(candidate.publicKey, publicKey))
    if (at >= 0) {
      if (chosen || identitiesOnly) files.push(...held.splice(at, 1))
    } else if (file.kind === 'private') files.push({ kind: 'private', label: path, publicKey, key: file.key })
    else if (file.kind === 'locked') files.push({ kind: 'locked', label: path, publicKey, file })
    else if (file.kind === 'unusable' || keyPath) unusable.push({ path, missing: file.kind === 'missing', reason: file.reason })
    // ssh goes on in silence; who is let in nowhere wants to know.
    else if (identityFiles) notes.push(`${path}, which your SSH configuration names, ${file.reason}.`)
  }
  // A passphrase is asked for only where nothing else helps, or where this key was named.
  if (!chosen) files.sort((a, b) => Number(a.kind === 'locked') - Number(b.kind === 'locked'))
  const others = identitiesOnly ? [] : held
  const candidates = chosen ? [...files, ...others] : [...others, ...files]
  return { candidates, agent: notes.filter(Boolean).join(' '), unusable, certificates }
}

const isSameKey = (one: ParsedKey | undefined, other: ParsedKey): boolean =>
  one?.getPublicSSH().equals(other.getPublicSSH()) ?? false

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
      // ssh2's agent gives parsed keys and leaves out the types it does not know: FIDO keys and certificates.
      const keys = identities.filter(
        (identity): identity is ParsedKey => identity instanceof Object && 'getPublicSSH' in identity,
      )
      const none = 'The SSH agent holds no key that can be used (certificates and FIDO keys cannot).'
      resolve({ keys, agent, note: keys.length > 0 ? '' : none })
    })
  })
}

type Sign = (key: ParsedKey, data: Buffer, options: SigningRequestOptions, done: SignCallback) => void

/** An agent of one key, which tells whether it was asked to sign: the host asks only for a key that it would take. */
export class KeySigner extends ssh2.BaseAgent<ParsedKey> {
  signed = false
  readonly #key: ParsedKey
  readonly #sign: Sign

  constructor(key: ParsedKey, sign: Sign) {
    super()
    this.#key = key
    this.#sign = sign
  }

  override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    done(null, [this.#key])
  }

  override sign(key: ParsedKey, data: Buffer, options: SigningRequestOptions | SignCallback, done?: SignCallback): void {
    this.signed = true
    if (typeof options === 'function') this.#sign(key, data, {}, options)
    else if (done) this.#sign(key, data, options, done)
  }
}
