import { z } from 'zod'
import { preferencesSchema } from '../models/preferences'
import { procedure } from './base'

export const settingsContract = {
  preferences: procedure.output(preferencesSchema),
  savePreferences: procedure.input(preferencesSchema.partial()),
  about: procedure.output(
    z.object({ version: z.string(), shell: z.enum(['desktop', 'browser']), user: z.string(), workstation: z.string() }),
  ),
}
