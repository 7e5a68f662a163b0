import { z } from 'zod'
import { siteNameSchema } from './host'

/** A filter of the fleet tree under a name. */
export const savedFilterSchema = z.object({
  name: z.string().trim().min(1, 'Enter a name for the filter.').max(40, 'The name of a filter has at most 40 characters.'),
  filter: z.string().trim().min(1).max(1000),
})
export type SavedFilter = z.infer<typeof savedFilterSchema>

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
  /** Sites in their order, those without a host too; a site that only a host names comes after them. */
  sites: z.array(siteNameSchema).max(1000).optional(),
  filters: z.array(savedFilterSchema).max(100).optional(),
})
export type Preferences = z.infer<typeof preferencesSchema>

export const defaultPreferences: Preferences = {
  theme: 'dark',
  sideWidth: 280,
  inspectorWidth: 320,
  inspectorOpen: true,
  trayOpen: true,
}
