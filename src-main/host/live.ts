import { ControlShell } from './control-shell'
import type { Root } from './escalation'
import { scheduleLooks } from './looks'
import type { Sessions } from './sessions'
import { snapshotCommand } from './snapshot'
import snapshotScript from './snapshot.sh?raw'

/** One live connection: all that is gone when it is lost. */
export type Live = {
  root: Root
  shell: ControlShell
  /** The login shell of the user who logged in. */
  login: Root['shell']
  passage: Sessions['passage']
}

export type LiveOptions = {
  hostName: string
  /** Ends it. */
  signal: AbortSignal
  /** Domains came or went, if events are asked for now. Resolves to whether what they announced is over. */
  look(): Promise<boolean>
  wantsLooks(): boolean
  /** A job began or ended, whoever started it. */
  onJob(jobId: string): void
}

/** The control shell of a connection, whose events lead to looks. */
export function openLive(sessions: Sessions, root: Root, { hostName, signal, look, wantsLooks, onJob }: LiveOptions): Live {
  const looks = scheduleLooks(() => look().catch(() => false))
  const shell = new ControlShell({
    hostName,
    open: () => root.stream(['sh']),
    // The body in parentheses is a subshell: the script's variables, `set` and `exit` stay its own.
    functions: `${snapshotCommand}() (\n${snapshotScript}\n)`,
    killGroup: (group) => root.run(['kill', '-TERM', '--', `-${group}`], { timeoutMs: 10_000 }),
    onJob: (jobId) => signal.aborted || onJob(jobId),
    onEvent: () => {
      // Before the first look there is nothing to compare with, and that look is still to come.
      if (!signal.aborted && wantsLooks()) looks.eventCame()
    },
  })
  signal.addEventListener(
    'abort',
    () => {
      looks.stop()
      shell.close()
    },
    { once: true },
  )
  return { root, shell, login: (size, options) => sessions.terminal({ size }, options), passage: () => sessions.passage() }
}
