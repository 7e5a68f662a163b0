import { z } from 'zod'
import { crashSchema } from '../models/crash'
import { preferencesSchema } from '../models/preferences'
import { problemSchema } from '../problem'
import { procedure } from './base'

export const aboutSchema = z.object({
  version: z.string(),
  shell: z.enum(['desktop', 'browser']),
  user: z.string(),
  workstation: z.string(),
  /** Where settings, known hosts and crash reports are kept. */
  folder: z.string(),
  /** Why the settings of the last run were not taken; they are kept under the name that it gives. */
  problem: problemSchema.optional(),
})
export type About = z.infer<typeof aboutSchema>

export const settingsContract = {
  preferences: procedure.output(preferencesSchema),
  savePreferences: procedure.input(preferencesSchema.partial()),
  about: procedure.output(aboutSchema),
  /** Hides the window of this page until its keys are pressed again, wherever the focus is then. BAD_INPUT in a browser. */
  hideWindow: procedure.input(z.object({ keys: z.string().max(40) })),
  /** Mistakes of ours that were kept, newest first. */
  crashes: procedure.output(z.array(crashSchema)),
  /** Keeps one of the page. */
  reportCrash: procedure.input(
    z.object({ name: z.string().max(100), message: z.string().max(2_000), stack: z.string().max(20_000) }),
  ),
  deleteCrashes: procedure,
}
