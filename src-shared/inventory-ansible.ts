import type { InventoryHost } from './inventory'

type Vars = Record<string, string>
type Read = { candidates: readonly unknown[]; notes: string[] }

/** The most hosts that ranges such as `web[01:50]` make. */
const maxExpanded = 2_000

/** Hosts of an Ansible inventory in INI; groups are sites. Lines that are not understood are noted, never guessed. */
export function parseAnsibleIni(text: string): Read {
  const hosts = new Map<string, { vars: Vars; groups: string[] }>()
  const groupVars = new Map<string, Vars>()
  const parents = new Map<string, string[]>()
  const notes: string[] = []
  let section = { group: 'ungrouped', kind: 'hosts' }
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = wordsOf(line)
    const [first] = words
    if (first === undefined) continue
    const header = /^\[([^\]:]+)(?::(vars|children))?\]$/.exec(line.trim().replace(/\s+[#;].*$/, ''))
    if (header) {
      section = { group: header[1] ?? '', kind: header[2] ?? 'hosts' }
    } else if (section.kind === 'children') {
      parents.set(first, [...(parents.get(first) ?? []), section.group])
    } else if (section.kind === 'vars') {
      const variable = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line)
      if (variable)
        groupVars.set(section.group, { ...groupVars.get(section.group), [variable[1] ?? '']: unquoted(variable[2] ?? '') })
      else notes.push(`Line ${index + 1} is not understood and was left out.`)
    } else {
      const vars = varsOf(words.slice(1))
      const names = vars && expand(first)
      if (!vars || !names || hosts.size + names.length > maxExpanded) {
        notes.push(`Line ${index + 1} is not understood and was left out.`)
        continue
      }
      for (const name of names) {
        const known = hosts.get(name)
        hosts.set(name, { vars: { ...known?.vars, ...vars }, groups: [...(known?.groups ?? []), section.group] })
      }
    }
  }
  const candidates = [...hosts].map(([name, { vars, groups }]) => {
    const around = ['all', ...ancestors(groups, parents).reverse(), ...groups]
    return candidate(name, Object.assign({}, ...around.map((group) => groupVars.get(group)), vars), groups)
  })
  return {
    candidates,
    notes: [
      ...notes,
      ...secretNote(
        [...hosts.values()].map(({ vars }) => vars),
        [...groupVars.values()],
      ),
    ],
  }
}

/** Hosts of what `ansible-inventory --list` prints; undefined for any other JSON. */
export function parseAnsibleList(json: unknown): Read | undefined {
  const list = json as Record<string, { hosts?: unknown; hostvars?: Record<string, unknown> }> | null
  const hostvars = list?._meta?.hostvars
  if (!list || typeof hostvars !== 'object' || hostvars === null) return undefined
  const groupsOf = new Map<string, string[]>(Object.keys(hostvars).map((name) => [name, []]))
  for (const [group, content] of Object.entries(list)) {
    if (group === '_meta' || !Array.isArray(content?.hosts)) continue
    for (const name of content.hosts) if (typeof name === 'string') groupsOf.set(name, [...(groupsOf.get(name) ?? []), group])
  }
  const all = [...groupsOf].map(([name, groups]) => {
    const vars = Object.entries(hostvars[name] ?? {}).filter(
      ([, value]) => typeof value === 'string' || typeof value === 'number',
    )
    return { name, groups, vars: Object.fromEntries(vars.map(([key, value]) => [key, String(value)])) }
  })
  return {
    candidates: all.map(({ name, vars, groups }) => candidate(name, vars, groups)),
    notes: secretNote(
      all.map(({ vars }) => vars),
      [],
    ),
  }
}

function candidate(name: string, vars: Vars, groups: readonly string[]): Record<string, unknown> {
  const pick = (...keys: string[]): string | undefined => keys.map((key) => vars[key]).find((value) => value !== undefined)
  const [, bare = name, suffix] = /^([^:]+):(\d+)$/.exec(name) ?? []
  const port = pick('ansible_port', 'ansible_ssh_port') ?? suffix
  const found: Record<string, unknown> = {
    name: pick('domdeck_name') ?? bare,
    address: pick('ansible_host', 'ansible_ssh_host') ?? bare,
    port: port === undefined ? undefined : /^\d+$/.test(port) ? Number(port) : port,
    user: pick('ansible_user', 'ansible_ssh_user'),
    keyPath: pick('ansible_ssh_private_key_file', 'ansible_private_key_file'),
    storageRoot: pick('domdeck_storage_root'),
    site: pick('domdeck_site') ?? groups.find((group) => group !== 'all' && group !== 'ungrouped'),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

function secretNote(hosts: readonly Vars[], groups: readonly Vars[]): string[] {
  const secret = [...hosts, ...groups].some((vars) => Object.keys(vars).some((key) => /pass(word|phrase)?$/.test(key)))
  return secret ? ['Passwords in it were left out: Domdeck asks for them when it connects.'] : []
}

function ancestors(groups: readonly string[], parents: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Set<string>()
  const visit = (group: string): void => {
    for (const parent of parents.get(group) ?? []) {
      if (found.has(parent)) continue
      found.add(parent)
      visit(parent)
    }
  }
  groups.forEach(visit)
  return [...found]
}

/** Words of a line as a shell splits them; nothing after a # or ; that begins a word. */
function wordsOf(line: string): string[] {
  const words: string[] = []
  let rest = line.trim()
  while (rest !== '' && !/^[#;]/.test(rest)) {
    const word = /^(?:"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'])+/.exec(rest)?.[0] ?? rest
    words.push(word)
    rest = rest.slice(word.length).trimStart()
  }
  return words
}

function varsOf(words: readonly string[]): Vars | undefined {
  const vars: Vars = {}
  for (const word of words) {
    const pair = /^([\w.-]+)=(.*)$/s.exec(word)
    if (!pair) return undefined
    vars[pair[1] ?? ''] = unquoted(pair[2] ?? '')
  }
  return vars
}

function unquoted(value: string): string {
  if (/^'[^']*'$/.test(value)) return value.slice(1, -1)
  if (/^"(?:\\.|[^"\\])*"$/.test(value)) return value.slice(1, -1).replace(/\\(["\\])/g, '$1')
  return value
}

/** `web[01:50]` and `db[a:c]` as the names they mean; undefined when the range makes no sense. */
function expand(pattern: string): string[] | undefined {
  const range = /^(.*?)\[([0-9]+|[a-z]):([0-9]+|[a-z])\](.*)$/.exec(pattern)
  if (!range) return /[[\]]/.test(pattern) ? undefined : [unquoted(pattern)]
  const [, before = '', from = '', to = '', after = ''] = range
  const letters = /[a-z]/.test(from)
  if (letters !== /[a-z]/.test(to)) return undefined
  const [low, high] = letters ? [from.charCodeAt(0), to.charCodeAt(0)] : [Number(from), Number(to)]
  if (high < low || high - low >= maxExpanded) return undefined
  const names = Array.from({ length: high - low + 1 }, (_, index) =>
    letters ? String.fromCharCode(low + index) : String(low + index).padStart(from.length, '0'),
  )
  const tails = expand(after)
  if (!tails || tails.length * names.length > maxExpanded) return undefined
  return names.flatMap((name) => tails.map((tail) => `${before}${name}${tail}`))
}

/** The hosts as an Ansible inventory in INI; sites are groups. */
export function writeAnsibleIni(hosts: readonly InventoryHost[]): string {
  const lines = grouped(hosts).map(({ group, members }) => {
    const rows = members.map(({ alias, vars }) =>
      [alias, ...Object.entries(vars).map(([key, value]) => `${key}=${quoted(value)}`)].join(' '),
    )
    return `${group === undefined ? '' : `[${group}]\n`}${rows.join('\n')}\n`
  })
  return lines.join('\n')
}

/** The hosts as an Ansible inventory in YAML; sites are groups. */
export function writeAnsibleYaml(hosts: readonly InventoryHost[]): string {
  const lines = ['all:']
  const members = (indent: string, rows: readonly Member[]): void => {
    lines.push(`${indent}hosts:`)
    for (const { alias, vars } of rows) {
      lines.push(`${indent}  ${JSON.stringify(alias)}:`)
      for (const [key, value] of Object.entries(vars))
        lines.push(`${indent}    ${key}: ${/^\d+$/.test(value) ? value : JSON.stringify(value)}`)
    }
  }
  const groups = grouped(hosts)
  for (const { group, members: rows } of groups) if (group === undefined) members('  ', rows)
  if (groups.some(({ group }) => group !== undefined)) lines.push('  children:')
  for (const { group, members: rows } of groups) {
    if (group === undefined) continue
    lines.push(`    ${group}:`)
    members('      ', rows)
  }
  return `${lines.join('\n')}\n`
}

type Member = { alias: string; vars: Vars }

/** Members by group, those of none first, which is where INI wants them. Ansible's names are narrower than ours: ours go along. */
function grouped(hosts: readonly InventoryHost[]): { group: string | undefined; members: Member[] }[] {
  const groups = new Map<string | undefined, Member[]>([[undefined, []]])
  const taken = new Set<string>()
  for (const host of hosts) {
    const group = host.site?.replace(/\W/g, '_').replace(/^(?=\d)/, '_')
    const plain = host.name.replace(/[^A-Za-z0-9._-]/g, '-').replace(/^-/, '_')
    let alias = plain
    for (let count = 2; taken.has(alias); count++) alias = `${plain}-${count}`
    taken.add(alias)
    const vars: Record<string, string | undefined> = {
      ansible_host: host.address,
      ansible_port: host.port === undefined ? undefined : String(host.port),
      ansible_user: host.user,
      ansible_ssh_private_key_file: host.keyPath,
      domdeck_storage_root: host.storageRoot,
      domdeck_name: alias === host.name ? undefined : host.name,
      domdeck_site: group === host.site ? undefined : host.site,
    }
    const known = Object.entries(vars).filter((pair): pair is [string, string] => pair[1] !== undefined)
    groups.set(group, [...(groups.get(group) ?? []), { alias, vars: Object.fromEntries(known) }])
  }
  return [...groups].map(([group, members]) => ({ group, members })).filter(({ members }) => members.length > 0)
}

function quoted(value: string): string {
  return /^[\w./:@%~-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`
}
