import { z } from 'zod'

/** What one person likes; kept on the workstation. */
export const preferencesSchema = z.object({
  theme: z.enum(['dark', 'light', 'system']),
  sideWidth: z.number().min(200).max(560),
  /** Absent means open. */
  sideOpen: z.boolean().optional(),
  inspectorWidth: z.number().min(240).max(560),
  inspectorOpen: z.boolean(),
  trayOpen: z.boolean(),
  /** The split tree of the console dock, as the renderer's layout room writes it; opaque here. */
  layout: z.unknown().optional(),
})
export type Preferences = z.infer<typeof preferencesSchema>

export const defaultPreferences: Preferences = {
  theme: 'dark',
  sideWidth: 280,
  inspectorWidth: 320,
  inspectorOpen: true,
  trayOpen: true,
}
