import type { Problem } from '../../src-shared/problem'
import type { Passage } from '../ssh/jump'
import type { OwnLogin } from '../ssh/lent-login'
import type { TerminalWanted } from '../ssh/link'
import type { Argv } from '../ssh/quote'
import type { RemoteProcess, RemoteTerminal } from '../ssh/remote-process'
import type { Finished, RunOptions } from '../ssh/run'

/** What a host needs of its SSH connection; `SessionPool` of the ssh room is one. */
export type Sessions = {
  /** As whom one is logged in, where it is known. */
  readonly user?: string
  /** How one logged in, where that was by a public key alone. */
  readonly ownLogin?: OwnLogin | undefined
  run(argv: Argv, options?: RunOptions): Promise<Finished>
  stream(argv: Argv, options?: { signal?: AbortSignal }): Promise<RemoteProcess>
  terminal(wanted: TerminalWanted, options?: { signal?: AbortSignal }): Promise<RemoteTerminal>
  /** The way to what lies behind the host. */
  passage(): Passage
  onLost(listener: (problem: Problem) => void): void
  /** Asks for a sign of life; false when none came in time, or the connection is gone: then the host is silent, or lost. */
  probe(limitMs: number): Promise<boolean>
  /** The host has fallen silent, or (undefined) speaks again and all goes on where it was. */
  onSilence(listener: (silence: Problem | undefined) => void): void
  close(): void
}
