import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { jobIdSchema, jobSchema, lockSchema } from '../models/job'
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
  locks: z.array(lockSchema),
  danger: z.enum(['none', 'interrupts', 'destroys']),
})
export type Preview = z.infer<typeof previewSchema>

export const jobDetailSchema = z.object({
  /** Input and steps: what a person wants to read. */
  script: z.string(),
  /** The same with the job library before it, as it lies on the host. */
  standalone: z.string(),
  /** What was asked for; absent where the job does not say, or says something that this Domdeck does not know. */
  call: operationCallSchema.optional(),
  /** Why the call cannot be run again as it is. */
  outdated: z.string().optional(),
  /** Of a succeeded job whose operation has an inverse: the calls that take it back; none when nothing is left that they would take back exactly. */
  inverse: z.array(operationCallSchema).optional(),
})
export type JobDetail = z.infer<typeof jobDetailSchema>

export const auditedJobSchema = z.object({
  job: jobSchema,
  /** As the log tells them. What a command printed is told from them by its `$ ` alone. */
  commands: z.array(z.object({ command: z.string(), undo: z.boolean() })),
})
export type AuditedJob = z.infer<typeof auditedJobSchema>

export const jobsContract = {
  preview: procedure.input(callOnHost).output(previewSchema),
  start: procedure.input(callOnHost).output(jobSchema),
  watch: procedure.output(eventIterator(jobEventSchema)),
  /** The log from its beginning; ends when the job has ended. */
  log: procedure.input(jobRef).output(eventIterator(z.object({ text: z.string() }))),
  /** The script a job ran with, standalone. */
  script: procedure.input(jobRef).output(z.object({ standalone: z.string() })),
  detail: procedure.input(jobRef).output(jobDetailSchema),
  /** Jobs that began within this time (epoch milliseconds), oldest first, as far as the host remembers. */
  audit: procedure.input(z.object({ hostId: z.string(), from: z.number(), to: z.number() })).output(z.array(auditedJobSchema)),
  cancel: procedure.input(jobRef),
  /** Runs the undo of an interrupted job to its end. */
  recover: procedure.input(jobRef),
  /** All jobs that the host remembers, newest first. */
  history: procedure.input(z.object({ hostId: z.string() })).output(z.array(jobSchema)),
}
