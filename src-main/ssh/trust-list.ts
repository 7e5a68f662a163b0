import type { TrustEntry } from '../../src-shared/models/trust'
import { type ConfigOwner, tilde } from './config'
import { type HostNamed, planRoute, type Target } from './jump'
import { fingerprint, knownHostsName, matchesHost } from './known-hosts'
import { quoteArg } from './quote'
import { md5Fingerprint, randomart } from './randomart'
import { sinceWords, type TrustedKey, type TrustStore } from './trust'

/** The keys that matter to these hosts and to the jump hosts on the way to them, and all that Domdeck wrote itself. */
export async function listTrust(
  trust: TrustStore,
  targets: readonly Target[],
  owner: ConfigOwner,
  hostNamed: HostNamed,
): Promise<TrustEntry[]> {
  const [entries, names] = await Promise.all([trust.entries(), knownNames(targets, owner, hostNamed)])
  return entries.flatMap((entry) => {
    const matching = names.filter(({ name, bare }) => matchesHost(entry.hosts, name) || matchesHost(entry.hosts, bare))
    return entry.origin === 'own' || matching.length > 0 ? [asModel(entry, matching, owner)] : []
  })
}

/** A host as known_hosts calls it, with and without its port, and as people do. */
type KnownName = { name: string; bare: string; label: string }

async function knownNames(targets: readonly Target[], owner: ConfigOwner, hostNamed: HostNamed): Promise<KnownName[]> {
  const routes = targets.map(async (target): Promise<KnownName[]> => {
    const label = target.name ?? target.address
    // A host whose configuration is broken is still a host with a key.
    const route = await planRoute(target, owner, hostNamed).catch(() => undefined)
    if (!route) return [{ ...namesOf(target.address, target.port ?? 22), label }]
    return route.map(({ knownAs, jump }) => ({
      ...namesOf(knownAs.host, knownAs.port),
      label: jump === undefined ? label : `${jump} (jump host)`,
    }))
  })
  return (await Promise.all(routes)).flat()
}

const namesOf = (host: string, port: number) => ({ name: knownHostsName(host, port), bare: knownHostsName(host, 22) })

function asModel(entry: TrustedKey, matching: KnownName[], { homeDir }: ConfigOwner): TrustEntry {
  const { hosts, keyType, key, marker, origin, file, line, comment } = entry
  const [first] = matching.filter(({ name }) => matchesHost(hosts, name)).concat(matching)
  const isHashed = hosts.startsWith('|')
  const since = comment.startsWith(sinceWords) ? comment.slice(sinceWords.length) : undefined
  const name = first && (matchesHost(hosts, first.name) ? first.name : first.bare)
  // ssh-keygen leaves marked lines alone, and a pattern is more than one host.
  const canRemove = (origin === 'user' || origin === 'system') && name !== undefined && !marker && !/[*?!]/.test(hosts)
  return {
    hosts: isHashed ? (name ?? 'a hashed name') : hosts,
    keyType,
    fingerprint: fingerprint(key),
    md5: md5Fingerprint(key),
    art: randomart(key),
    key: key.toString('base64'),
    ...(marker ? { marker } : {}),
    origin,
    file: tilde(file, homeDir),
    line,
    ...(since && !Number.isNaN(Date.parse(since)) ? { since } : {}),
    speaksFor: [...new Set(matching.map(({ label }) => label))],
    ...(canRemove ? { removeBy: `ssh-keygen -f ${quoteArg(file)} -R ${quoteArg(name)}` } : {}),
  }
}
