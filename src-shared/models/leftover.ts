import { z } from 'zod'

/** What on a host is Domdeck's and belongs to nothing: a thing of one of these kinds, by its path or, of device-mapper, its name. */
export const leftoverRefSchema = z.object({
  kind: z.enum(['file', 'loop', 'mount', 'dm', 'link']),
  name: z
    .string()
    .min(1)
    .max(4096)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'A name must not hold control characters or line ends.'),
})
export type LeftoverRef = z.infer<typeof leftoverRefSchema>

export const leftoverSchema = leftoverRefSchema.extend({
  /** What a file takes on disk. */
  bytes: z.number(),
  /** Why it belongs to nothing, a few words. */
  why: z.string(),
})
export type Leftover = z.infer<typeof leftoverSchema>
