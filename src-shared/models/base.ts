import { z } from 'zod'

/** A base is named as a guest is: the name is a folder on dom0 and stands on kernel command lines. */
export const baseNameSchema = z
  .string()
  .min(1, 'Enter a name for the base.')
  .max(40, 'A base name has at most 40 characters.')
  .regex(/^[a-z0-9]/, 'A base name starts with a letter or a digit.')
  .regex(/^[a-z0-9.-]*$/, 'A base name holds only a to z, 0 to 9, dots and dashes.')
  .refine((name) => !name.includes('..'), 'A base name must not hold two dots in a row.')

/** The guest that a draft of a base is: a guest's name has no dots, and ends with a letter or a digit. */
export const draftName = (base: string): string => `draft-${base.replaceAll('.', '-').replace(/-+$/, '')}`

/** Generations of a base are counted from 1. */
export const generationNumberSchema = z.number().int().min(1).max(999_999)

/** An immutable generation of a base, as its `base.json` on dom0 says. */
export const generationSchema = z.object({
  base: baseNameSchema,
  generation: generationNumberSchema,
  path: z.string(),
  sizeBytes: z.number(),
  sha256: z.string(),
  fileSystem: z.string(),
  kernelVersion: z.string(),
  /** What its kernel can boot as. */
  types: z.array(z.enum(['pv', 'pvh'])).min(1),
  /** What the least memory for its kernel is; below it the guest does not come up. */
  minMemoryMb: z.number(),
  /** Whether its initrd can encrypt disks. */
  encryption: z.boolean().optional(),
  source: z.string(),
  importedAt: z.number(),
  /** What it was made from, where that was no image: an older generation that was edited, or a guest that was promoted. */
  from: z
    .object({ generation: generationNumberSchema })
    .or(z.object({ guest: z.string() }))
    .optional(),
  /** Whether its initrd can put package images between it and a layer. */
  stacks: z.boolean().optional(),
  /** Guests that stand on it, running or not, or will at their next start; the draft that is made from it, too. */
  guests: z.number(),
})
export type Generation = z.infer<typeof generationSchema>
