import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { baseNameSchema, generationNumberSchema } from '../models/base'
import { bootSchema, bootWaySchema, guestKernelSchema, menuEntrySchema } from '../models/boot'
import { type Check, checkSchema } from '../models/check'
import { mendItemSchema } from '../models/mend'
import {
  cloneInputSchema,
  cloneModeSchema,
  cloneRequestSchema,
  hostPathSchema,
  operationCallSchema,
  operationInputs,
  poolSchema,
  snapshotSchema,
} from '../operations'
import { problemSchema } from '../problem'
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

/**
 * The layer of a guest that is off. `journal`: it was not closed, which an overlay guest cannot do for
 * itself, and its next boot replays the journal. `errors`: it needs fsck. `encrypted`: the host cannot tell.
 */
export const layerStateSchema = z.enum(['clean', 'journal', 'errors', 'encrypted', 'none'])
export type LayerState = z.infer<typeof layerStateSchema>

export const layerSchema = z.object({
  state: layerStateSchema,
  /** The newest first. */
  snapshots: z.array(z.object({ snapshot: snapshotSchema, sizeBytes: z.number(), allocatedBytes: z.number() })),
})
export type Layer = z.infer<typeof layerSchema>

/** One thing in a layer. `deleted` and `replaced` hide what the base has there; `folder` is an empty one. */
export const layerFileSchema = z.object({
  kind: z.enum(['file', 'link', 'device', 'pipe', 'socket', 'folder', 'deleted', 'replaced']),
  sizeBytes: z.number(),
  path: z.string(),
})
export type LayerFile = z.infer<typeof layerFileSchema>

/** A change of the base that a guest will not see, because its layer has the path, or one above it. */
export const hiddenChangeSchema = z.object({ change: z.enum(['changed', 'added', 'removed']), path: z.string(), by: z.string() })
export type HiddenChange = z.infer<typeof hiddenChangeSchema>

export const packageChangeSchema = z.object({
  name: z.string(),
  old: z.string(),
  new: z.string(),
  /** As Debian compares versions. */
  how: z.enum(['newer', 'older', 'added', 'removed']),
})
export type PackageChange = z.infer<typeof packageChangeSchema>

export const swapPlanSchema = z.object({
  guests: z.array(
    z.object({
      guestId: z.string(),
      name: z.string(),
      from: z.number(),
      /** Why it cannot go there. */
      refused: z.string().optional(),
      when: z.enum(['now', 'next-start']),
      /** Its layer is encrypted, and its host cannot look. */
      encrypted: z.boolean(),
      /** Undefined where nobody can look: its layer is in use, or it has none. */
      hidden: z.array(hiddenChangeSchema).optional(),
      /** How many there are; `hidden` has the first of them. */
      hiddenCount: z.number(),
      /** Its layer has a journal to replay or errors: there may be more than could be seen. */
      unclean: z.boolean(),
      /** The package images in its stack that were made for another generation, as `NAME/VERSION`. */
      misfits: z.array(z.string()),
    }),
  ),
  /** Between each generation that one of the guests stands on and the one it goes to. */
  packages: z.array(z.object({ from: z.number(), changes: z.array(packageChangeSchema) })),
  /** Why nothing could be compared; a swap is possible all the same. */
  problem: problemSchema.optional(),
  script: z.string(),
})
export type SwapPlan = z.infer<typeof swapPlanSchema>

/** How a guest boots, or would. */
export const bootLookSchema = z.object({
  /** Absent for a loader that Domdeck does not know. */
  way: bootWaySchema.optional(),
  /** Version of the kernel that Xen loads, where it does and the file tells. */
  booted: z.string().optional(),
  /** What its disks hold; nothing of those in use. */
  kernels: z.array(guestKernelSchema),
  /** Of its own boot menu, which only pvgrub, pygrub and HVM go by. */
  entries: z.array(menuEntrySchema),
  checks: z.array(checkSchema),
  /** What the switch would run. */
  script: z.string().optional(),
})
export type BootLook = z.infer<typeof bootLookSchema>

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
  /** The state of a guest's layer, and its snapshots. Writes nothing. */
  layer: procedure.input(z.object({ hostId: z.string(), guestId: z.string() })).output(layerSchema),
  /** What a guest that is off has in its layer: in the order of its paths, and no more than some thousands. Writes nothing. */
  layerFiles: procedure
    .input(z.object({ hostId: z.string(), guestId: z.string() }))
    .output(z.object({ files: z.array(layerFileSchema), count: z.number(), state: layerStateSchema })),
  /** How a guest boots, or how it would by other keys of its config. Writes nothing. */
  planBoot: procedure
    .input(z.object({ hostId: z.string(), guestId: z.string(), boot: bootSchema.optional() }))
    .output(bootLookSchema),
  /** What a guest that is off, or an image by its path, has to say otherwise to boot under Xen. Writes nothing. */
  planMend: procedure
    .input(
      z.object({ hostId: z.string(), source: z.union([z.object({ guestId: z.string() }), z.object({ image: hostPathSchema })]) }),
    )
    .output(z.object({ items: z.array(mendItemSchema) })),
  /** What another generation means for guests of its base: packages, and the files of theirs that hide a change. Writes nothing. */
  planSwap: procedure
    .input(
      z.object({
        hostId: z.string(),
        base: baseNameSchema,
        generation: generationNumberSchema,
        guestIds: z.array(z.string()).min(1).max(1000),
      }),
    )
    .output(swapPlanSchema),
  /** Pins names, UUIDs and MACs and runs the preflight in one round trip. Writes nothing. */
  planClone: procedure.input(z.object({ hostId: z.string(), request: cloneRequestSchema })).output(clonePlanSchema),
}
