import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { jobIdSchema, jobSchema } from '../models/job'
import { operationCallSchema } from '../operations'
import { procedure } from './base'

const jobRef = z.object({ hostId: z.string(), jobId: jobIdSchema })
const callOnHost = z.object({ hostId: z.string(), call: operationCallSchema })

export const jobEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), jobs: z.array(jobSchema) }),
  z.object({ type: z.literal('job'), job: jobSchema }),
  z.object({ type: z.literal('removed'), hostId: z.string(), jobId: jobIdSchema }),
])
export type JobEvent = z.infer<typeof jobEventSchema>

export const previewSchema = z.object({
  /** Input and steps: what a person wants to read. */
  script: z.string(),
  /** The same with the job library before it: runs by hand on dom0 as root. */
  standalone: z.string(),
  steps: z.array(z.string()),
  locks: z.array(z.string()),
  danger: z.enum(['none', 'interrupts', 'destroys']),
})
export type Preview = z.infer<typeof previewSchema>

export const jobsContract = {
  preview: procedure.input(callOnHost).output(previewSchema),
  start: procedure.input(callOnHost).output(jobSchema),
  watch: procedure.output(eventIterator(jobEventSchema)),
  /** The log from its beginning; ends when the job has ended. */
  log: procedure.input(jobRef).output(eventIterator(z.object({ text: z.string() }))),
  /** The script a job ran with, standalone. */
  script: procedure.input(jobRef).output(z.object({ standalone: z.string() })),
  cancel: procedure.input(jobRef),
  /** Runs the undo of an interrupted job to its end. */
  recover: procedure.input(jobRef),
  /** All jobs that the host remembers, newest first. */
  history: procedure.input(z.object({ hostId: z.string() })).output(z.array(jobSchema)),
}
