import { z } from 'zod'
import { checkSchema } from './check'

/** What is mended in an old image or guest: each is one thing that a Xen guest has otherwise. */
export const mendIdSchema = z.enum(['fstab', 'menu', 'console', 'getty', 'login', 'cfg', 'initrd'])
export type MendId = z.infer<typeof mendIdSchema>

export const mendIdsSchema = z
  .array(mendIdSchema)
  .min(1, 'Choose what is mended.')
  .refine((ids) => new Set(ids).size === ids.length, 'One stands twice.')

/** A line of the checklist; with an id it can be mended, and `changes` are the lines that go (`- `), come (`+ `), and where (two blanks). */
export const mendItemSchema = checkSchema.extend({ id: mendIdSchema.optional(), changes: z.array(z.string()) })
export type MendItem = z.infer<typeof mendItemSchema>
