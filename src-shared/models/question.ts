import { z } from 'zod'

/** What a login needs of a person. The answer goes to the main side and nowhere else. */
export const questionSchema = z.object({
  id: z.string(),
  kind: z.enum(['passphrase', 'password', 'prompts', 'sudo']),
  title: z.string(),
  /** In the host's own words for `prompts`. */
  instruction: z.string().optional(),
  /** None when all there is to do is to go on. */
  fields: z.array(z.object({ prompt: z.string(), echo: z.boolean() })),
  /** From 1. */
  attempt: z.number(),
  /** Why it is asked again. */
  problem: z.string().optional(),
  /** There where the answer can be kept in the keychain of this workstation; `refusal` says why not now. */
  keychain: z.object({ refusal: z.string().optional() }).optional(),
})
export type Question = z.infer<typeof questionSchema>
