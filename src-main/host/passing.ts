import type { Problem, ProblemCode } from '../../src-shared/problem'

const passing: ReadonlySet<ProblemCode> = new Set([
  'DNS_FAILED',
  'CONNECTION_REFUSED',
  'CONNECTION_TIMED_OUT',
  'CONNECTION_LOST',
  'SESSION_REFUSED',
  'COMMAND_FAILED',
])

/** Whether another try may not have it; all others wait for a person. */
export const passes = ({ code }: Problem): boolean => passing.has(code)
