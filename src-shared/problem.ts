import { z } from 'zod'

/**
 * Everything that can go wrong, as a closed set. `title` names the kind of failure, `hint` the next step
 * where no better one is known at the place of the failure.
 */
const catalogue = {
  BAD_INPUT: { title: 'This cannot be done as asked', hint: 'Correct the value and try again.' },
  NOT_FOUND: { title: 'Not found', hint: 'It may have been removed by somebody else. Refresh and look again.' },
  DNS_FAILED: { title: 'Host name not found', hint: 'Check the spelling of the address, or the DNS of this workstation.' },
  CONNECTION_REFUSED: { title: 'Connection refused', hint: 'Check the port, and that sshd runs on the host.' },
  CONNECTION_TIMED_OUT: {
    title: 'No answer from the host',
    hint: 'Check that the host is up and that no firewall stands between.',
  },
  CONNECTION_LOST: {
    title: 'Connection lost',
    hint: 'Domdeck reconnects by itself; nothing is assumed about what was under way.',
  },
  HOST_KEY_UNKNOWN: { title: 'Unknown host key', hint: 'Compare the fingerprint with the one on the host, then trust it.' },
  HOST_KEY_CHANGED: {
    title: 'Host key changed',
    hint: 'Somebody may be listening in. Find out why it changed before you remove the old key from known_hosts.',
  },
  AUTH_FAILED: {
    title: 'Login refused',
    hint: 'Check the user name, and that your key is in the agent and in authorized_keys on the host.',
  },
  KEY_UNREADABLE: {
    title: 'Private key cannot be used',
    hint: 'Check the path and the permissions, or load the key into your SSH agent.',
  },
  NO_COMMON_ALGORITHM: {
    title: 'No SSH algorithm in common',
    hint: 'Update the SSH server of the host, or allow legacy algorithms in the settings of this host.',
  },
  SESSION_REFUSED: {
    title: 'The host opens no more sessions',
    hint: 'Close some consoles, or raise MaxSessions in sshd_config.',
  },
  FORWARDING_REFUSED: {
    title: 'sshd refuses to forward',
    hint: 'On that host, see AllowTcpForwarding, PermitOpen and DisableForwarding in sshd_config, and the options of your key in authorized_keys: restrict, no-port-forwarding or permitopen forbid it.',
  },
  NOT_ROOT: { title: 'Not root on the host', hint: 'Log in as root, or as a user whom sudo on the host makes root.' },
  NOT_XEN: {
    title: 'Not a running Xen dom0',
    hint: 'Boot the entry "with Xen hypervisor", and install xen-utils so that `xl info` answers.',
  },
  COMMAND_FAILED: { title: 'Command failed', hint: 'Read its output below.' },
  UNEXPECTED_OUTPUT: { title: 'The host answered something unexpected', hint: 'Copy the details into a bug report.' },
  HOST_NOT_READY: { title: 'Host not connected', hint: 'Connect to the host first.' },
  BUSY: { title: 'In use by another operation', hint: 'Wait until it ends, or look at it in Jobs.' },
  PREFLIGHT_FAILED: { title: 'A check before the start failed', hint: 'Nothing was changed. Read the failed check.' },
  JOB_FAILED: { title: 'Job failed', hint: 'Everything it had made was removed. Read its log.' },
  JOB_INTERRUPTED: { title: 'Job interrupted', hint: 'It stopped without finishing, by a power cut or a kill. Roll it back.' },
  CONSOLE_BUSY: { title: 'Console in use elsewhere', hint: 'Take it over, or ask who holds it.' },
  CONSOLE_FAILED: { title: 'Console cannot be opened', hint: 'Check that the guest runs and has a PV console.' },
  RECORDING_FAILED: { title: 'The recording has ended', hint: 'What was recorded until then is kept. Check the free space.' },
  LAB_FAILED: { title: 'The local lab did not start', hint: 'Read its log; `lab/build` can be run again at any time.' },
  SETTINGS_UNREADABLE: { title: 'Settings cannot be read', hint: 'The unreadable file was kept beside the new one.' },
  INTERNAL: { title: 'Domdeck made a mistake', hint: 'Copy the details into a bug report.' },
} as const

export type ProblemCode = keyof typeof catalogue

/** A failure as every layer and the page see it. `context` holds what the host said, as plain text. */
export const problemSchema = z.object({
  code: z.enum(Object.keys(catalogue) as [ProblemCode, ...ProblemCode[]]),
  title: z.string(),
  /** The object and the reason, in one sentence. */
  detail: z.string(),
  /** The next step. */
  hint: z.string(),
  context: z
    .object({
      host: z.string().optional(),
      command: z.string().optional(),
      exitCode: z.number().optional(),
      output: z.string().optional(),
    })
    .optional(),
})
export type Problem = z.infer<typeof problemSchema>

/** A `Problem` that can be thrown. Its message is the detail, so that it reads well in a stack trace too. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem

  constructor(code: ProblemCode, detail: string, more: { hint?: string; context?: Problem['context']; cause?: unknown } = {}) {
    super(detail, { cause: more.cause })
    this.problem = {
      code,
      title: catalogue[code].title,
      detail,
      hint: more.hint ?? catalogue[code].hint,
      ...(more.context ? { context: more.context } : {}),
    }
  }

  get code(): ProblemCode {
    return this.problem.code
  }
}

/** Any thrown value as a `Problem`; what is not one of ours is a mistake of ours. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem
  const detail = thrown instanceof Error ? thrown.message : String(thrown)
  return { code: 'INTERNAL', ...catalogue.INTERNAL, detail }
}
