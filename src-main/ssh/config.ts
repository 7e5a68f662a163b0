import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Placed, SshConfig } from '../../src-shared/models/ssh-config'
import { ProblemError } from '../../src-shared/problem'
import { readConfigFile, type Statement } from './config-file'
import { matchesPatterns } from './patterns'

/** Whose configuration it is. */
export type ConfigOwner = {
  homeDir: string
  /** The login name on this workstation; OpenSSH is anybody there, too, unless told otherwise. */
  localUser: string
  /** For `${NAME}` in paths, and for `SSH_AUTH_SOCK`. */
  environment: Record<string, string | undefined>
  /** Where the system's ssh_config and ssh_known_hosts are: `/etc/ssh`. */
  systemFolder: string
}

/** What a person typed: it wins over any file, and `Match user` sees it. */
export type TypedAddress = { address: string; port?: number | undefined; user?: string | undefined }

/** Reads `~/.ssh/config` and the system's `ssh_config` with all they include. SETTINGS_UNREADABLE: see `readConfigFile`. */
export async function readSshConfig({ homeDir, systemFolder }: ConfigOwner): Promise<Statement[][]> {
  const folder = join(homeDir, '.ssh')
  return Promise.all([
    readConfigFile(join(folder, 'config'), folder, homeDir),
    readConfigFile(join(systemFolder, 'ssh_config'), systemFolder, homeDir),
  ])
}

/** Keywords that change whom one reaches or how, and that Domdeck does not follow. */
const notFollowed: Record<string, { name: string; why: string }> = Object.fromEntries(
  (
    [
      ['ProxyCommand', 'Domdeck runs no command to reach a host; use ProxyJump'],
      ['KnownHostsCommand', 'Domdeck runs no command for host keys'],
      ['CanonicalizeHostname', 'names are not completed'],
      ['UserKnownHostsFile', 'Domdeck reads the usual known_hosts files'],
      ['GlobalKnownHostsFile', 'Domdeck reads the usual known_hosts files'],
      ['RevokedHostKeys', 'only @revoked lines of known_hosts are read'],
      ['StrictHostKeyChecking', 'Domdeck always asks about an unknown key and refuses a changed one'],
      ['CheckHostIP', 'a host is known by its name alone'],
      ['VerifyHostKeyDNS', 'host keys are not looked up in DNS'],
      ['CertificateFile', 'certificates are not used'],
      ['PKCS11Provider', 'use an SSH agent for keys on a token'],
      ['PreferredAuthentications', 'Domdeck has an order of its own'],
      ['PubkeyAuthentication', 'Domdeck has an order of its own'],
      ['HostKeyAlgorithms', 'Domdeck has a list of its own'],
      ['KexAlgorithms', 'Domdeck has a list of its own'],
      ['Ciphers', 'Domdeck has a list of its own'],
      ['MACs', 'Domdeck has a list of its own'],
      ['BindAddress', 'the system chooses'],
      ['BindInterface', 'the system chooses'],
      ['AddressFamily', 'all addresses of the name are tried'],
    ] as const
  ).map(([name, why]) => [name.toLowerCase(), { name, why }]),
)

/** Keywords that are followed, as the manual writes them. */
const followed: Record<string, string> = Object.fromEntries(
  ['HostName', 'Port', 'User', 'IdentityFile', 'IdentitiesOnly', 'IdentityAgent', 'ProxyJump', 'HostKeyAlias', 'Match'].map(
    (name) => [name.toLowerCase(), name],
  ),
)

/**
 * What the configuration says about an address: for each keyword the first value counts, identity files add up (ssh_config(5)).
 * Nothing is executed: `Match exec` never matches, and is noted. SETTINGS_UNREADABLE when a value that counts makes no sense.
 */
export function resolveConfig(files: readonly Statement[][], typed: TypedAddress, owner: ConfigOwner): SshConfig {
  let pass = new Pass(typed, owner, typed.address, false)
  pass.read(files)
  // `Match final` asks for a second reading, in which Host means the name found by the first.
  if (pass.finalWanted) {
    const before = pass
    pass = new Pass(typed, owner, before.hostName(), true, before)
    pass.read(files)
  }
  return pass.result()
}

/** One reading of the statements for one address. */
class Pass {
  /** The first value of each keyword. */
  readonly #values: Map<string, Statement>
  readonly #identityFiles: Statement[]
  readonly #notes: Map<string, Placed>
  finalWanted = false

  constructor(
    private readonly typed: TypedAddress,
    private readonly owner: ConfigOwner,
    private readonly host: string,
    private readonly final: boolean,
    before?: Pass,
  ) {
    this.#values = new Map(before ? before.#values : [])
    this.#identityFiles = [...(before ? before.#identityFiles : [])]
    this.#notes = new Map(before ? before.#notes : [])
  }

  read(files: readonly Statement[][], active = true): void {
    // A Host or Match block ends with its file.
    for (const statements of files) this.#readFile(statements, active)
  }

  #readFile(statements: readonly Statement[], enclosing: boolean): void {
    let active = enclosing
    for (const statement of statements) {
      const { keyword, args, included } = statement
      if (keyword === 'host') active = enclosing && matchesPatterns(args, this.host)
      else if (keyword === 'match') active = this.#matches(statement, enclosing)
      else if (included) this.read(included, active)
      else if (active && args.length > 0) this.#take(statement)
    }
  }

  /** The name or address to connect to, in lower case unless it is an address. */
  hostName(): string {
    // The second reading begins with the name that the first has found.
    const written = this.final ? undefined : this.#values.get('hostname')?.args[0]
    const name = written === undefined ? this.host : written.replace(/%([%h])/g, (_, token) => (token === 'h' ? this.host : '%'))
    return isIP(name) ? name : name.toLowerCase()
  }

  result(): SshConfig {
    const from = new Set<Statement>()
    const value = (keyword: string): Statement | undefined => {
      const statement = this.#values.get(keyword)
      if (statement) from.add(statement)
      return statement
    }
    const one = (keyword: string) => value(keyword)?.args[0]
    const hostName = this.hostName()
    value('hostname')
    const port = this.typed.port ?? portOf(value('port'))
    const user = this.typed.user ?? one('user')
    const jump = value('proxyjump')
    const proxyCommand = this.#values.get('proxycommand')
    const tokens = this.#tokens({ hostName, port, user, hostKeyAlias: this.#values.get('hostkeyalias')?.args[0] })
    const path = (statement: Statement, text: string): string | undefined => {
      const expanded = this.#expand(text, tokens, 'CLdhijklnpru')
      if (expanded !== undefined) return this.#absolute(expanded)
      this.#note(statement, 'it holds a % or $ sequence that Domdeck does not know')
      return undefined
    }
    const identityFiles: string[] | undefined = this.#identityFiles.length === 0 ? undefined : []
    for (const statement of this.#identityFiles) {
      const [text = ''] = statement.args
      from.add(statement)
      const file = text.toLowerCase() === 'none' ? undefined : path(statement, text)
      if (file !== undefined && !identityFiles?.includes(file)) identityFiles?.push(file)
    }
    const agent = value('identityagent')
    const identityAgent = agent && this.#agent(agent, (text) => path(agent, text))
    const hostKeyAlias = one('hostkeyalias')?.toLowerCase()
    const proxyJump = jump?.args[0] === undefined ? undefined : this.#expand(jump.args[0], tokens, 'hnpr')
    const order = (statement: Statement) => [...this.#values.values(), ...this.#identityFiles].indexOf(statement)
    return {
      hostName,
      ...defined({ port, user, identityFiles, identityAgent, proxyJump, hostKeyAlias }),
      identitiesOnly: one('identitiesonly')?.toLowerCase() === 'yes',
      from: [...from].sort((a, b) => order(a) - order(b)).map((statement) => this.#placed(statement, words(statement))),
      notes: [...this.#notes.values()],
      ...(proxyCommand && proxyCommand.args[0]?.toLowerCase() !== 'none'
        ? { proxyCommand: this.#placed(proxyCommand, words(proxyCommand)) }
        : {}),
    }
  }

  #take(statement: Statement): void {
    const { keyword, args } = statement
    if (keyword === 'identityfile') {
      this.#identityFiles.push(statement)
      return
    }
    if (this.#values.has(keyword)) return
    // The first of the two counts, even when it says none.
    if (keyword === 'proxyjump' && this.#values.has('proxycommand')) return
    if (keyword === 'proxycommand' && this.#values.has('proxyjump')) return
    this.#values.set(keyword, statement)
    const why = notFollowed[keyword]?.why
    if (why && !['no', 'none', 'any'].includes(args[0]?.toLowerCase() ?? '')) this.#note(statement, why)
  }

  #matches(statement: Statement, enclosing: boolean): boolean {
    const { owner, typed } = this
    const args = statement.args.flatMap((arg) => {
      // `host=name` is `host name`.
      const [, criterion, value] = /^(!?[a-z]+)=(.*)$/i.exec(arg) ?? []
      return criterion === undefined ? [arg] : [criterion, value ?? '']
    })
    let matches = enclosing
    while (args.length > 0) {
      const word = (args.shift() ?? '').toLowerCase()
      const negated = word.startsWith('!')
      const criterion = negated ? word.slice(1) : word
      const means = (met: boolean) => {
        if (met === negated) matches = false
      }
      if (criterion === 'all') means(true)
      else if (criterion === 'final' || criterion === 'canonical') {
        if (criterion === 'final') this.finalWanted = true
        means(this.final)
      } else {
        const argument = args.shift() ?? ''
        const lower = argument.toLowerCase().split(',')
        const list = argument.split(',')
        if (criterion === 'host') means(matchesPatterns(lower, this.hostName().toLowerCase()))
        else if (criterion === 'originalhost') means(matchesPatterns(lower, typed.address.toLowerCase()))
        else if (criterion === 'user')
          means(matchesPatterns(list, typed.user ?? this.#values.get('user')?.args[0] ?? owner.localUser))
        else if (criterion === 'localuser') means(matchesPatterns(list, owner.localUser))
        else {
          if (matches) {
            const why = criterion === 'exec' ? 'Domdeck executes nothing' : 'Domdeck does not know this condition'
            this.#note(statement, `${why}, so what follows it is left out`)
          }
          matches = false
        }
      }
    }
    return matches
  }

  #tokens(found: {
    hostName: string
    port: number | undefined
    user: string | undefined
    hostKeyAlias: string | undefined
  }): Record<string, string> {
    const { owner, typed } = this
    return {
      '%': '%',
      d: owner.homeDir,
      h: found.hostName,
      i: String(process.getuid?.() ?? ''),
      k: found.hostKeyAlias ?? typed.address,
      L: hostname().split('.')[0] ?? '',
      l: hostname(),
      n: typed.address,
      p: String(found.port ?? 22),
      r: found.user ?? defaultUser,
      u: owner.localUser,
    }
  }

  /** `text` with its % tokens, of those allowed, and its `${NAME}`s replaced; undefined when one is not known. */
  #expand(text: string, tokens: Record<string, string>, allowed: string): string | undefined {
    let known = true
    const expanded = text.replace(/%(.?)|\$\{([^}]*)\}/g, (_, token: string | undefined, name: string | undefined) => {
      const value =
        name !== undefined
          ? this.owner.environment[name]
          : token === '%' || allowed.includes(token || ' ')
            ? tokens[token ?? '']
            : undefined
      if (value === undefined) known = false
      return value ?? ''
    })
    return known ? expanded : undefined
  }

  #absolute(path: string): string {
    if (path === '~' || path.startsWith('~/')) return join(this.owner.homeDir, path.slice(1))
    return isAbsolute(path) ? path : join(this.owner.homeDir, path)
  }

  #agent(statement: Statement, path: (text: string) => string | undefined): string | undefined {
    const [text = ''] = statement.args
    if (text.toLowerCase() === 'none') return 'none'
    const variable = text === 'SSH_AUTH_SOCK' ? text : /^\$([A-Za-z_]\w*)$/.exec(text)?.[1]
    return variable === undefined ? path(text) : (this.owner.environment[variable] ?? 'none')
  }

  #placed({ file, line }: Statement, text: string): Placed {
    return { text, file: tilde(file, this.owner.homeDir), line }
  }

  #note(statement: Statement, why: string): void {
    const placed = this.#placed(statement, `${words(statement)} is not followed: ${why}.`)
    this.#notes.set(`${placed.file}:${placed.line}`, placed)
  }
}

function portOf(statement: Statement | undefined): number | undefined {
  if (!statement) return undefined
  const { args, file, line } = statement
  const port = Number(args[0])
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port
  throw new ProblemError(
    'SETTINGS_UNREADABLE',
    `Line ${line} of ${file} says Port ${args[0]}, which is no number from 1 to 65535.`,
    { hint: 'Correct the line, or give the port in the settings of the host.' },
  )
}

/** The user of a host that nobody named one for: what Domdeck does there, root does. */
export const defaultUser = 'root'

/** A path below the home folder in its short form. */
export function tilde(path: string, homeDir: string): string {
  return path.startsWith(`${homeDir}/`) ? `~${path.slice(homeDir.length)}` : path
}

/** `HostName 192.0.2.17`, with the keyword as the manual writes it. */
function words({ keyword, args }: Statement): string {
  return [followed[keyword] ?? notFollowed[keyword]?.name ?? keyword, ...args].join(' ')
}

function defined<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}
