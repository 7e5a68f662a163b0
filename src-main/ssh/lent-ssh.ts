import { keyAlgorithm } from './known-hosts'
import type { OwnLogin } from './lent-login'
import { type Argv, quoteArgv } from './quote'

/** How the host to log in to is called in the question for its key, wherever it is. */
const alias = 'lent-by-domdeck'

/**
 * The command of OpenSSH (8.9 or later) that runs `command` with a lent login, on a host that has its agent at `socket`. Neither that host's configuration nor
 * its keys count, it trusts no host key but the one that Domdeck does, and nothing is asked, forwarded or written down.
 */
export function lentSsh(
  { user, hostKey }: Pick<OwnLogin, 'user' | 'hostKey'>,
  { address, port }: { address: string; port: number },
  socket: string,
  command: Argv,
): Argv {
  const key = `${keyAlgorithm(hostKey)} ${hostKey.toString('base64')}`
  const options = {
    BatchMode: 'yes',
    IdentityAgent: socket,
    IdentityFile: 'none',
    PreferredAuthentications: 'publickey',
    StrictHostKeyChecking: 'yes',
    HostKeyAlias: alias,
    KnownHostsCommand: `/usr/bin/printf %%s\\n "${alias} ${key}"`,
    UserKnownHostsFile: '/dev/null',
    GlobalKnownHostsFile: '/dev/null',
    UpdateHostKeys: 'no',
    ForwardAgent: 'no',
    ControlPath: 'none',
    ConnectTimeout: '10',
    ServerAliveInterval: '15',
    ServerAliveCountMax: '3',
  }
  const set = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  return ['ssh', '-F', 'none', '-T', ...set, '-l', user, '-p', String(port), '--', address, quoteArgv(command)]
}
