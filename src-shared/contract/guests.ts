import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { type Check, checkSchema } from '../models/check'
import {
  cloneInputSchema,
  cloneModeSchema,
  cloneRequestSchema,
  operationCallSchema,
  operationInputs,
  poolSchema,
} from '../operations'
import { procedure } from './base'

export { type Check, checkSchema }

export const clonePlanSchema = z.object({
  input: cloneInputSchema,
  checks: z.array(checkSchema),
  /** The exact script, without the job library. */
  script: z.string(),
  bytesPerGuest: z.number(),
  /** Why this host cannot make guests of this base in a mode; a mode that is not here it can. */
  refusedModes: z.partialRecord(cloneModeSchema, z.string()),
  /** LVM thin pools of the host. */
  pools: z.array(z.object({ name: poolSchema, freeBytes: z.number() })),
})
export type ClonePlan = z.infer<typeof clonePlanSchema>

export const migratePlanSchema = z.object({
  input: operationInputs['guest.migrate'],
  checks: z.array(checkSchema),
  script: z.string(),
})
export type MigratePlan = z.infer<typeof migratePlanSchema>

/** One setting in which a running guest differs from its config file. */
export const differenceSchema = z.object({
  title: z.string(),
  /** As the file has it, and as the guest has it; empty for nothing. */
  file: z.string(),
  guest: z.string(),
  /** Gives the guest what the file says, and the file what the guest has; absent where Xen or the file leave no way. */
  toGuest: operationCallSchema.optional(),
  toFile: operationCallSchema.optional(),
  /** What helps where a way is missing. */
  note: z.string().optional(),
})
export type Difference = z.infer<typeof differenceSchema>

/** What a host or a guest tells of itself in a log. */
export const logSourceSchema = z.enum(['xen', 'xl', 'console', 'qemu'])
export type LogSource = z.infer<typeof logSourceSchema>

export const logsOfSchema = z.object({ hostId: z.string(), guestId: z.string().optional() })

export const guestsContract = {
  /** Compares two hosts before a guest moves from one to the other. Writes nothing. */
  planMigrate: procedure
    .input(z.object({ hostId: z.string(), guestId: z.string(), toHostId: z.string() }))
    .output(migratePlanSchema),
  /** Compares a running guest with its config file, now. Writes nothing. */
  compare: procedure
    .input(z.object({ hostId: z.string(), guestId: z.string() }))
    .output(z.object({ configPath: z.string(), differences: z.array(differenceSchema), unread: z.array(z.string()) })),
  /** The logs there are of a guest, or, without one, of the hypervisor. */
  logs: procedure.input(logsOfSchema).output(z.array(z.object({ source: logSourceSchema, sizeBytes: z.number() }))),
  /** The end of a log, then what is written to it, until the caller goes. The hypervisor's own ends by itself. */
  readLog: procedure
    .input(logsOfSchema.extend({ source: logSourceSchema }))
    .output(eventIterator(z.object({ text: z.string() }))),
  /** Pins names, UUIDs and MACs and runs the preflight in one round trip. Writes nothing. */
  planClone: procedure.input(z.object({ hostId: z.string(), request: cloneRequestSchema })).output(clonePlanSchema),
}
