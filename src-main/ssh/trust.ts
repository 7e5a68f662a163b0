import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ProblemError } from '../../src-shared/problem'
import { fingerprint, type KnownHostsEntry, keyAlgorithm, knownHostsName, matchesHost, parseKnownHosts } from './known-hosts'

/** A key as a host showed it. `line` is what trusting it adds to known_hosts, `of` names the host. */
export type PresentedKey = { algorithm: string; fingerprint: string; line: string; of: string }

/** Where an entry stands. `file` is a path, or says in words that the key was pinned in code. */
export type KnownPlace = { file: string; line: number; keyType: string }

export type Verdict =
  | { verdict: 'trusted' }
  /** `others` are keys of other types known for this host; `authority` would vouch for its certificate, which ssh2 cannot read. */
  | { verdict: 'unknown'; others: KnownPlace[]; authority: KnownPlace | undefined }
  | { verdict: 'changed'; place: KnownPlace }
  | { verdict: 'revoked'; place: KnownPlace }

/** What is known about one host at the moment of a dial. */
export type KnownKeys = {
  /** Key types with a trusted entry; asking for these first avoids a needless "unknown key". */
  keyTypes: string[]
  judge(key: Buffer): Verdict
}

export type TrustStore = {
  /** Reads the files anew, so that a key removed with `ssh-keygen -R` counts at the next dial. SETTINGS_UNREADABLE if one cannot be read. */
  lookup(host: string, port: number): Promise<KnownKeys>
  /**
   * Adds a line (`PresentedKey.line`) to Domdeck's own known_hosts. HOST_KEY_CHANGED when another key of that type is known
   * for the host or this one is revoked: a changed key is never trusted on top of the old one.
   */
  add(line: string): Promise<void>
  /** Every line of every file, and the pinned keys. */
  entries(): Promise<TrustedKey[]>
  /** Takes a line out of Domdeck's own file. NOT_FOUND when it does not stand there any more. */
  remove(entry: { line: number; fingerprint: string }): Promise<void>
  /** From now on this host has exactly this key, whatever the files say. For hosts that Domdeck itself starts. */
  pin(host: string, port: number, key: Buffer): void
}

/** A host key that stops the dial. */
export class HostKeyError extends ProblemError {
  readonly presented: PresentedKey
  readonly keyCode: 'HOST_KEY_UNKNOWN' | 'HOST_KEY_CHANGED'

  constructor(code: 'HOST_KEY_UNKNOWN' | 'HOST_KEY_CHANGED', detail: string, presented: PresentedKey, hint?: string) {
    super(code, detail, hint ? { hint } : {})
    this.presented = presented
    this.keyCode = code
  }
}

type PlacedEntry = KnownHostsEntry & { file: string }

/** A key and who says that it is right. */
export type TrustedKey = PlacedEntry & { origin: 'own' | 'user' | 'system' | 'pinned' }

/**
 * Trust in host keys. Reads `~/.ssh/known_hosts` of `homeDir` and the system's `ssh_known_hosts`, and never writes them; Domdeck's
 * own additions go to `ownFile`. A folder for `ownFile` is made when needed.
 */
export function createTrustStore({
  homeDir,
  ownFile,
  systemFolder = '/etc/ssh',
}: {
  homeDir: string
  ownFile: string
  systemFolder?: string
}): TrustStore {
  const pins = new Map<string, Buffer>()
  // ssh_config(5), UserKnownHostsFile and GlobalKnownHostsFile.
  const places = [
    ...['known_hosts', 'known_hosts2'].map((name) => ({ file: join(homeDir, '.ssh', name), origin: 'user' as const })),
    ...['ssh_known_hosts', 'ssh_known_hosts2'].map((name) => ({ file: join(systemFolder, name), origin: 'system' as const })),
    { file: ownFile, origin: 'own' as const },
  ]
  const files = places.map(({ file }) => file)
  // One at a time, or the second of two changes would overwrite the first.
  const change = (work: () => Promise<void>): Promise<void> => {
    const changed = writing.then(work)
    writing = changed.catch(() => undefined)
    return changed
  }
  let writing: Promise<void> = Promise.resolve()
  return {
    async lookup(host, port) {
      const pinned = pins.get(knownHostsName(host, port))
      if (pinned) return judgePinned(pinned)
      const entries = (await Promise.all(files.map(readEntries))).flat()
      return judgeEntries(entries, host, port)
    },
    add(line) {
      return change(async () => {
        const added = parseLine(line)
        const entries = (await Promise.all(files.map(readEntries))).flat()
        refuseContradiction(added, entries)
        const isThere = (entry: PlacedEntry) =>
          entry.file === ownFile && !entry.marker && entry.hosts === added.hosts && entry.key.equals(added.key)
        if (!entries.some(isThere)) await appendLine(ownFile, `${line} ${sinceWords}${new Date().toISOString()}`)
      })
    },
    async entries() {
      const lists = places.map(async ({ file, origin }) => (await readEntries(file)).map((entry) => ({ ...entry, origin })))
      const pinned = [...pins].map(([hosts, key]) => ({
        ...{ hosts, key, keyType: keyAlgorithm(key) ?? 'unknown', marker: undefined, comment: '' },
        ...{ file: pinnedWords, line: 1, origin: 'pinned' as const },
      }))
      return [...(await Promise.all(lists)).flat(), ...pinned]
    },
    remove({ line, fingerprint: of }) {
      return change(async () => {
        const text = await readText(ownFile)
        const entry = parseKnownHosts(text).find((other) => other.line === line)
        if (!entry || fingerprint(entry.key) !== of) {
          throw new ProblemError('NOT_FOUND', `Line ${line} of ${ownFile} is not the key ${of} any more.`, {
            hint: 'Somebody changed the file meanwhile. Look at the list again.',
          })
        }
        await writeWhole(
          ownFile,
          text
            .split('\n')
            .toSpliced(line - 1, 1)
            .join('\n'),
        )
      })
    },
    pin(host, port, key) {
      pins.set(knownHostsName(host, port), key)
    },
  }
}

const pinnedWords = 'the key that Domdeck gave this host'

/** The comment of a line that Domdeck has added, before the time. */
export const sinceWords = 'trusted by Domdeck on '

function judgePinned(pinned: Buffer): KnownKeys {
  const keyType = keyAlgorithm(pinned) ?? 'unknown'
  const place = { file: pinnedWords, line: 1, keyType }
  return {
    keyTypes: [keyType],
    judge: (key) => (key.equals(pinned) ? { verdict: 'trusted' } : { verdict: 'changed', place }),
  }
}

function judgeEntries(entries: PlacedEntry[], host: string, port: number): KnownKeys {
  const about = (name: string) => entries.filter((entry) => entry.marker !== 'cert-authority' && matchesHost(entry.hosts, name))
  const here = about(knownHostsName(host, port))
  const known = here.filter((entry) => entry.marker === undefined)
  // As OpenSSH: on another port, the same key under the bare name counts; a different one there says nothing.
  const bare = port === 22 ? [] : about(knownHostsName(host, 22))
  const authority = entries.find(
    (entry) => entry.marker === 'cert-authority' && matchesHost(entry.hosts, knownHostsName(host, port)),
  )
  return {
    keyTypes: [...new Set((known.length > 0 ? known : bare.filter((entry) => !entry.marker)).map((entry) => entry.keyType))],
    judge(key) {
      const same = [...here, ...bare].filter((entry) => entry.key.equals(key))
      const revoked = same.find((entry) => entry.marker === 'revoked')
      if (revoked) return { verdict: 'revoked', place: placeOf(revoked) }
      if (same.length > 0) return { verdict: 'trusted' }
      const type = keyAlgorithm(key)
      const old = known.find((entry) => entry.keyType === type)
      if (old) return { verdict: 'changed', place: placeOf(old) }
      return { verdict: 'unknown', others: known.map(placeOf), authority: authority && placeOf(authority) }
    },
  }
}

function placeOf({ file, line, keyType }: PlacedEntry): KnownPlace {
  return { file, line, keyType }
}

async function readEntries(file: string): Promise<PlacedEntry[]> {
  const text = await readText(file)
  return parseKnownHosts(text).map((entry) => ({ ...entry, file }))
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    // Reading it as empty would turn a changed key into a merely unknown one.
    throw new ProblemError('SETTINGS_UNREADABLE', `The known host keys in ${file} cannot be read.`, {
      hint: 'Check its permissions; nothing is trusted until it can be read.',
      cause: error,
    })
  }
}

function parseLine(line: string): KnownHostsEntry {
  const [entry] = line.includes('\n') ? [] : parseKnownHosts(line)
  if (!entry) throw new ProblemError('BAD_INPUT', 'This is not a line for known_hosts.')
  return entry
}

function refuseContradiction(added: KnownHostsEntry, entries: PlacedEntry[]): void {
  const about = entries.filter((entry) => matchesHost(entry.hosts, added.hosts) && entry.keyType === added.keyType)
  const same = about.filter((entry) => entry.key.equals(added.key))
  const revoked = same.find((entry) => entry.marker === 'revoked')
  if (!revoked && same.some((entry) => !entry.marker)) return
  const old = revoked ?? about.find((entry) => !entry.marker)
  if (!old) return
  const what = revoked ? 'marks this key as revoked' : `has another ${old.keyType} key for ${added.hosts}`
  throw new ProblemError('HOST_KEY_CHANGED', `Line ${old.line} of ${old.file} ${what}.`)
}

async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const before = await readText(file)
  await writeWhole(file, `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`)
}

async function writeWhole(file: string, whole: string): Promise<void> {
  // Written beside and renamed: a crash leaves the old file or the new one.
  const beside = `${file}.new`
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.writeFile(whole)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, file)
}
