import { z } from 'zod'
import { baseNameSchema, generationNumberSchema } from './base'

/** A package image is named as a base is: the name is a folder on dom0 and stands in guest.json and configs. */
export const packageNameSchema = z
  .string()
  .min(1, 'Enter a name for the package image.')
  .max(40, 'The name of a package image has at most 40 characters.')
  .regex(/^[a-z0-9]/, 'The name of a package image starts with a letter or a digit.')
  .regex(/^[a-z0-9.-]*$/, 'The name of a package image holds only a to z, 0 to 9, dots and dashes.')
  .refine((name) => !name.includes('..'), 'The name of a package image must not hold two dots in a row.')

/** Versions of a package image are counted from 1, as generations of a base are. */
export const versionNumberSchema = generationNumberSchema

/** The most package images in the stack of one guest. */
export const maxPackages = 8

/** What somebody wants to know of a package image: one line. */
export const packageNoteSchema = z
  .string()
  .max(200, 'A note has at most 200 characters.')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'A note is one line, without control characters.')

/** An immutable version of a package image, as its `package.json` on dom0 says. */
export const packageImageSchema = z.object({
  name: packageNameSchema,
  version: versionNumberSchema,
  path: z.string(),
  /** The generation that its programs were installed on, and are made for. */
  for: z.object({ base: baseNameSchema, generation: generationNumberSchema }),
  sizeBytes: z.number(),
  sha256: z.string(),
  from: z.object({ guest: z.string() }),
  note: z.string(),
  importedAt: z.number(),
  /** Guests that have it in their stack, running or not, or will at their next start. */
  guests: z.number(),
})
export type PackageImage = z.infer<typeof packageImageSchema>

/** A package image in the stack of a guest. Version 0 is none: it has that before it comes, and as `next` before it goes. */
export const stackedPackageSchema = z.object({
  name: packageNameSchema,
  version: z.number().int().min(0),
  /** The version that it had before, where rolling back leads. */
  previous: versionNumberSchema.optional(),
  /** The version that it has from the next start on. */
  next: z.number().int().min(0).optional(),
})
export type StackedPackage = z.infer<typeof stackedPackageSchema>
