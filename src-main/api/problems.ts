import { ORPCError, os, ValidationError } from '@orpc/server'
import { ProblemError, toProblem } from '../../src-shared/problem'

/** Any failure as the one error of the contract. What is not a `ProblemError` is our mistake and is logged. */
function asContractError(thrown: unknown): ORPCError<string, unknown> {
  if (thrown instanceof ORPCError) return thrown.code === 'BAD_REQUEST' ? refusedInput(thrown) : thrown
  if (!(thrown instanceof ProblemError)) console.error('Unexpected failure:', thrown)
  const problem = toProblem(thrown)
  return new ORPCError('PROBLEM', { defined: true, status: 422, message: problem.detail, data: problem, cause: thrown })
}

/** Middleware of every procedure: what its handler throws becomes the one error of the contract. */
export const contractErrors = os.middleware(async ({ next }) => {
  try {
    return await next()
  } catch (thrown) {
    throw asContractError(thrown)
  }
})

/** The same for what a stream throws after it has begun. */
export async function* withContractErrors<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* source
  } catch (thrown) {
    throw asContractError(thrown)
  }
}

/** Input that a schema refused, in the schema's own words: they are written for the person who typed it. */
function refusedInput(error: ORPCError<string, unknown>): ORPCError<string, unknown> {
  const issues = error.cause instanceof ValidationError ? error.cause.issues : []
  const words = issues.map((issue) => {
    const path = issue.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
    return path ? `${issue.message} (${path})` : issue.message
  })
  return asContractError(new ProblemError('BAD_INPUT', words.join(' ') || error.message, { cause: error }))
}
