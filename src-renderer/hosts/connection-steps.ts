import type { Connection } from '../../src-shared/models/host'
import type { ProblemCode } from '../../src-shared/problem'

const phases = ['resolving', 'connecting', 'host-key', 'auth', 'probing'] as const
type Phase = (typeof phases)[number]

const titles: Record<Phase, string> = {
  resolving: 'Find the address',
  connecting: 'Connect',
  'host-key': 'Check the host key',
  auth: 'Log in',
  probing: 'Read Xen, guests and bases',
}

const failedIn: Partial<Record<ProblemCode, Phase>> = {
  DNS_FAILED: 'resolving',
  CONNECTION_REFUSED: 'connecting',
  CONNECTION_TIMED_OUT: 'connecting',
  CONNECTION_LOST: 'connecting',
  HOST_KEY_UNKNOWN: 'host-key',
  HOST_KEY_CHANGED: 'host-key',
  AUTH_FAILED: 'auth',
  KEY_UNREADABLE: 'auth',
}

export type ConnectionStep = { title: string; state: 'done' | 'active' | 'stopped' | 'ahead' }

/** Where a connection is or stands still. */
function phaseOf(connection: Exclude<Connection, { phase: 'idle' | 'ready' }>): Phase {
  switch (connection.phase) {
    case 'waiting':
    case 'blocked':
      return failedIn[connection.problem.code] ?? 'probing'
    case 'asking':
      return connection.question.kind === 'sudo' ? 'probing' : 'auth'
    default:
      return connection.phase
  }
}

/** The phases of a connection, and how far it has come. A failure is shown at the phase that it belongs to. */
export function connectionSteps(connection: Connection): ConnectionStep[] {
  if (connection.phase === 'idle') return phases.map((phase) => ({ title: titles[phase], state: 'ahead' }))
  if (connection.phase === 'ready') return phases.map((phase) => ({ title: titles[phase], state: 'done' }))
  const stopped = connection.phase === 'waiting' || connection.phase === 'blocked' || connection.phase === 'asking'
  const at = phases.indexOf(phaseOf(connection))
  const jump = 'jump' in connection ? connection.jump : undefined
  return phases.map((phase, index) => ({
    title: index === at && jump !== undefined ? `${titles[phase]} at the jump host ${jump}` : titles[phase],
    state: index < at ? 'done' : index > at ? 'ahead' : stopped ? 'stopped' : 'active',
  }))
}
