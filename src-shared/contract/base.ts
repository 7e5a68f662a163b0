import { oc } from '@orpc/contract'
import { problemSchema } from '../problem'

/** Every procedure may fail with a `Problem`; nothing else crosses the border as an error. */
export const procedure = oc.errors({ PROBLEM: { status: 422, data: problemSchema } })
