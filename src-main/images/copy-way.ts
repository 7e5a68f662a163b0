import type { HostSettings } from '../../src-shared/models/host'
import { parseReach } from '../../src-shared/models/host'
import { toProblem } from '../../src-shared/problem'
import type { Borrowed, Lendable } from '../host/borrow'
import { LentLogin } from '../ssh/lent-login'
import { lentSsh } from '../ssh/lent-ssh'
import type { Argv } from '../ssh/quote'
import type { RemoteProcess } from '../ssh/remote-process'

/** What a copy needs of a host. */
export type CopyHost = {
  readonly settings: HostSettings
  readonly connection: { phase: string }
  readonly lendable: Lendable | string
  stream(argv: Argv): Promise<RemoteProcess>
  borrow(lends: LentLogin): Promise<Borrowed>
}

type Place = { address: string; port: number }

/** How the blocks of a copy go, in words; `direct` where the host that copies logs in to the one that has them. */
export type CopyWay = { words: string; direct?: Direct }
type Direct = { lendable: Lendable; place: Place }

/**
 * Finds out whether `to` can log in to `from`, by doing so once: at the address `reach`, or where Domdeck itself reaches it. Never rejects: what stands in the
 * way says why the blocks go through the workstation.
 */
export async function findWay(from: CopyHost, to: CopyHost, reach: string | undefined): Promise<CopyWay> {
  const { lendable } = from
  const through = (why: string): CopyWay => ({ words: `through the workstation: ${why}` })
  if (typeof lendable === 'string') return through(lendable)
  const { address, port } = (reach === undefined ? undefined : parseReach(reach)) ?? lendable.login
  const direct = { lendable, place: { address, port } }
  const where = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  const [source, target] = [from.settings.name, to.settings.name]
  try {
    const { root, lent, command, close } = await lendTo(to, direct, ['true'])
    const limit: Argv = ['timeout', '20', ...command]
    const { stderr, exitCode } = await root.run(limit, { timeoutMs: 25_000, maxBytes: 64 * 1024 }).finally(close)
    if (exitCode === 0) return { words: `directly: ${target} reads from ${source} at ${where}`, direct }
    if (exitCode === 124) return through(`${target} got no answer from ${source} at ${where} within 20 s`)
    const said = lastLine(stderr)
    const [, unreachable] = /^ssh: (?:connect to host .* port \d+|Could not resolve hostname .*): (.+)$/.exec(said) ?? []
    if (unreachable) return through(`${target} cannot reach ${source} at ${where}: ${unreachable}`)
    if (said.startsWith('Host key verification failed'))
      return through(`what answers ${target} at ${where} does not show the host key of ${source}`)
    return through(`${target} cannot log in to ${source} at ${where}: ${lent.refusal ?? (said || `exit status ${exitCode}`)}`)
  } catch (thrown) {
    return through(toProblem(thrown).detail.replace(/\.$/, ''))
  }
}

/** A connection to `to`, and the command that runs there and, with one login, runs `argv` as root on the host that lends it. */
export async function lendTo(to: Pick<CopyHost, 'borrow'>, { lendable, place }: Direct, argv: Argv) {
  const lent = new LentLogin(lendable.login)
  const { root, socket, close } = await to.borrow(lent)
  return { root, lent, close, command: lentSsh(lendable.login, place, socket, lendable.asRoot(argv)) }
}

/** What ssh said last, as one plain line of limited length: hosts are not trusted with more. */
const lastLine = (stderr: Buffer): string =>
  (
    stderr
      .toString('utf8')
      .trim()
      .split(/[\r\n]+/)
      .at(-1) ?? ''
  )
    .replace(/\p{C}/gu, ' ')
    .slice(0, 300)
    .replace(/\.$/, '')
