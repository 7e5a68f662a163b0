import { z } from 'zod'

/** A base is named as a guest is: the name is a folder on dom0 and stands on kernel command lines. */
export const baseNameSchema = z
  .string()
  .min(1, 'Enter a name for the base.')
  .max(40, 'A base name has at most 40 characters.')
  .regex(/^[a-z0-9]/, 'A base name starts with a letter or a digit.')
  .regex(/^[a-z0-9.-]*$/, 'A base name holds only a to z, 0 to 9, dots and dashes.')
  .refine((name) => !name.includes('..'), 'A base name must not hold two dots in a row.')

/** An immutable generation of a base, as its `base.json` on dom0 says. */
export const generationSchema = z.object({
  base: baseNameSchema,
  generation: z.number().int().min(1),
  path: z.string(),
  sizeBytes: z.number(),
  sha256: z.string(),
  fileSystem: z.string(),
  kernelVersion: z.string(),
  /** What its kernel can boot as. */
  types: z.array(z.enum(['pv', 'pvh'])).min(1),
  /** What the least memory for its kernel is; below it the guest does not come up. */
  minMemoryMb: z.number(),
  source: z.string(),
  importedAt: z.number(),
  /** Guests that stand on it, running or not. */
  guests: z.number(),
})
export type Generation = z.infer<typeof generationSchema>
