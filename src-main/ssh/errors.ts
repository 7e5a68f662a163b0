import { type Problem, ProblemError } from '../../src-shared/problem'

/** What is known of an error of node's sockets or of ssh2. `level` is ssh2's (its README, Client events), `reason` of a refused channel. */
export type SshError = Error & { level?: string; code?: string | number; reason?: number | string }

/** The phases of a dial, in order; each has its own deadline. */
export type DialPhase = 'resolving' | 'connecting' | 'host-key' | 'auth'

/** A host in messages: how a person knows it, and where it is. */
export type Place = { host: string; address: string; port: number }

function socketAddress({ address, port }: Place): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** The name to resolve, with the host's own name where that is another. */
function nameOf({ host, address }: Place): string {
  return host === address ? `The name ${address}` : `The name ${address} of ${host}`
}

/** An error that ended a dial, by its code, its ssh2 level and the phase it came in. */
export function dialProblem(error: SshError, phase: DialPhase, place: Place): ProblemError {
  const { host } = place
  const address = socketAddress(place)
  const more = { context: { host }, cause: error }
  if (phase === 'resolving') {
    return new ProblemError('DNS_FAILED', `${nameOf(place)} was not found (${error.code ?? error.message}).`, more)
  }
  if (error.code === 'ECONNREFUSED') {
    return new ProblemError('CONNECTION_REFUSED', `${host} refuses connections at ${address}.`, more)
  }
  if (phase === 'connecting') {
    return new ProblemError(
      'CONNECTION_TIMED_OUT',
      `${host} cannot be reached at ${address} (${error.code ?? error.message}).`,
      more,
    )
  }
  if (error.level === 'handshake') {
    const old =
      'This host offers only old algorithms, or ones that Domdeck does not know. Update its SSH server, or allow legacy algorithms in the settings of this host (Edit host, Advanced).'
    return new ProblemError('NO_COMMON_ALGORITHM', `${host} and Domdeck share no SSH algorithm: ${error.message}.`, {
      ...more,
      hint: old,
    })
  }
  if (error.level === 'protocol' && phase === 'host-key' && !wasCut(error)) {
    return new ProblemError('UNEXPECTED_OUTPUT', `What answers at ${address} is not an SSH server: ${error.message}.`, {
      ...more,
      hint: 'Check the port.',
    })
  }
  const during = phase === 'auth' ? 'during the login' : 'before the login'
  return new ProblemError('CONNECTION_LOST', `${host} closed the connection ${during} (${error.code ?? error.message}).`, {
    ...more,
    hint: 'The host may limit connections (MaxStartups) or block this address; its sshd log says why.',
  })
}

/** ssh2 reports a peer that hangs up before its greeting as a protocol error; only the message tells it from a wrong greeting. */
function wasCut(error: SshError): boolean {
  return error.message === 'Connection lost before handshake'
}

/** A connection that a jump host did not make. `reason` numbers are RFC 4254, 5.1; the words after the colon are those of its sshd. */
export function forwardProblem(error: SshError, jump: string, place: Place): ProblemError {
  const { host } = place
  const address = socketAddress(place)
  const said = error.message.replace(/^\(SSH\) Channel open failure: /, '').replace(/\.$/, '')
  const more = { context: { host, output: said }, cause: error }
  if (error.reason === administrativelyProhibited) {
    return new ProblemError('FORWARDING_REFUSED', `${sentence(jump)} does not forward connections to ${address}.`, more)
  }
  if (/name|resolve|hostname/i.test(said)) {
    const hint = `Check how ${host} is called there, or the DNS of ${jump}.`
    return new ProblemError('DNS_FAILED', `${sentence(jump)} does not find ${address}: ${said}.`, { ...more, hint })
  }
  if (/refused/i.test(said)) {
    return new ProblemError('CONNECTION_REFUSED', `${host} refuses connections from ${jump} at ${address}.`, more)
  }
  const hint = `Check that the host is up, and that no firewall stands between it and ${jump}.`
  return new ProblemError('CONNECTION_TIMED_OUT', `${sentence(jump)} cannot reach ${host} at ${address}: ${said}.`, {
    ...more,
    hint,
  })
}

const administrativelyProhibited = 1

/** Words at the beginning of a sentence: a jump host is named in words, any other host by its own name, which stays as it is. */
export function sentence(words: string): string {
  return words.startsWith('the jump host ') ? `T${words.slice(1)}` : words
}

/** What ended because its jump host did. */
export function lostWithJump(host: string, { host: jump, detail }: { host: string; detail: string }): ProblemError {
  return new ProblemError('CONNECTION_LOST', `Without ${jump}, ${host} is out of reach. ${detail}`, {
    context: { host },
  })
}

/** A phase that took longer than it may. */
export function deadlineProblem(phase: DialPhase, place: Place, deadlineMs: number): ProblemError {
  const { host } = place
  const what = {
    resolving: `${nameOf(place)} was not resolved`,
    connecting: `${host} did not answer at ${socketAddress(place)}`,
    'host-key': `${host} accepted the connection but did not complete the SSH handshake`,
    auth: `${host} did not complete the login`,
  }[phase]
  return new ProblemError('CONNECTION_TIMED_OUT', `${what} within ${deadlineMs / 1000} s.`, {
    context: { host },
    ...(phase === 'auth' ? { hint: 'If the key needs a touch or a confirmation, give it and connect again.' } : {}),
  })
}

/** The host lets the user in only to choose a new password, which Domdeck does not do for anybody. */
export function expiredPassword(user: string, host: string): ProblemError {
  return new ProblemError('AUTH_FAILED', `The password of ${user} on ${host} has expired.`, {
    hint: `Log in once with \`ssh\` and choose a new one, then connect again.`,
    context: { host },
  })
}

/** A further link of a host whose login cannot be repeated without a person. */
export function loginNeedsPerson(host: string): ProblemError {
  const detail = `${host} asks a person at every login, so Domdeck opens no further connection to it by itself, and the first has no room left.`
  return new ProblemError('SESSION_REFUSED', detail, {
    hint: 'Close some consoles, raise MaxSessions in sshd_config, or log in with a key that needs no code.',
    context: { host },
  })
}

/** Why an established connection ended; `error` is the last one that ssh2 reported, if any. */
export function lostProblem(host: string, error: SshError | undefined): Problem {
  const reason = error ? lossReason(error) : 'the host closed it'
  return new ProblemError('CONNECTION_LOST', `The connection to ${host} was lost: ${reason}.`, {
    context: { host },
    cause: error,
  }).problem
}

function lossReason(error: SshError): string {
  if (error.code === 'ECONNRESET') return 'it was reset by the host or by something between (ECONNRESET)'
  return typeof error.code === 'string' ? `the network said ${error.code}` : error.message
}

/** Unanswered keepalives after which a host counts as silent. */
export const keepaliveTries = 3

/** A connection on which the host says nothing any more. */
export function silentProblem(host: string, reason: string): Problem {
  return new ProblemError('CONNECTION_LOST', `The connection to ${host} is silent: ${reason}.`, { context: { host } }).problem
}

/** A session that could not be opened on a connection that is still up. `reason` numbers are RFC 4254, 5.1; OpenSSH answers 2 above MaxSessions. */
export function openProblem(error: SshError, host: string, command: string): ProblemError {
  const more = { context: { host, command }, cause: error }
  if (typeof error.reason === 'number') {
    return new ProblemError('SESSION_REFUSED', `${host} opens no further session on this connection.`, more)
  }
  // ssh2 tells it by its message only (client.js, reqAgentFwd).
  if (error.message === 'Unable to request agent forwarding') {
    return new ProblemError('FORWARDING_REFUSED', `sshd on ${host} forwards no SSH agent.`, {
      ...more,
      hint: 'On that host, see AllowAgentForwarding and DisableForwarding in sshd_config, and the options of your key in authorized_keys: restrict or no-agent-forwarding forbid it.',
    })
  }
  return error.message === noPty
    ? new ProblemError('COMMAND_FAILED', `${host} gives no terminal to this login.`, {
        ...more,
        hint: 'Check PermitTTY in sshd_config, and the options of the key in authorized_keys (no-pty).',
      })
    : new ProblemError('COMMAND_FAILED', `${host} does not accept commands over SSH (${error.message}).`, {
        ...more,
        hint: 'Check ForceCommand in sshd_config and the options of the key in authorized_keys.',
      })
}

/** In the words of ssh2 (client.js, reqPty). */
const noPty = 'Unable to request a pseudo-terminal'
