import { ORPCError } from '@orpc/client'
import { type Problem, problemSchema, toProblem } from '../../src-shared/problem'

/** Any failure of a call as a problem to show: the one of the main side if it sent one. */
export function asProblem(error: unknown): Problem {
  if (error instanceof ORPCError && error.code === 'PROBLEM') {
    const sent = problemSchema.safeParse(error.data)
    if (sent.success) return sent.data
  }
  return toProblem(error)
}
