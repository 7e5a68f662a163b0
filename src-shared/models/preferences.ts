import { z } from 'zod'
import { guestLoginSchema } from './console'
import { siteNameSchema } from './host'
import { sequenceSchema } from './sequence'

/** A filter of the fleet tree under a name. */
export const savedFilterSchema = z.object({
  name: z.string().trim().min(1, 'Enter a name for the filter.').max(40, 'The name of a filter has at most 40 characters.'),
  filter: z.string().trim().min(1).max(1000),
})
export type SavedFilter = z.infer<typeof savedFilterSchema>

/** Tabs and panes of consoles under a name; what they are, only the page knows. */
export const savedLayoutSchema = z.object({
  name: z.string().trim().min(1, 'Enter a name for the layout.').max(40, 'The name of a layout has at most 40 characters.'),
  layout: z.unknown(),
})
export type SavedLayout = z.infer<typeof savedLayoutSchema>

/** The name of one font family as CSS takes it inside quotes: nothing in it ends the quotes or begins another value. */
export const fontFamilySchema = z
  .string()
  .trim()
  .max(64, 'The name of a font has at most 64 characters.')
  .regex(/^(?:[\p{L}\p{N}][\p{L}\p{N} ._-]*)?$/u, 'The name of a font holds letters, digits, spaces, dots and dashes only.')

export const fontSizeRange = { min: 8, max: 32 }
export const scrollbackRange = { min: 100, max: 100_000 }

/** Whole minutes to choose from; the settings file may name a part of one. */
export const broadcastMinutesRange = { min: 1, max: 60 }

/** The most things that the palette remembers as chosen lately. */
export const maxRecent = 30

/** What one person likes; kept on the workstation. */
export const preferencesSchema = z.object({
  theme: z.enum(['dark', 'light', 'system']),
  uiSize: z.enum(['normal', 'large', 'larger']),
  sideWidth: z.number().min(200).max(560),
  /** Absent means open. */
  sideOpen: z.boolean().optional(),
  inspectorWidth: z.number().min(240).max(560),
  inspectorOpen: z.boolean(),
  trayOpen: z.boolean(),
  /** Family of the terminals' font; empty for the usual ones of the system. */
  terminalFont: fontFamilySchema,
  /** Pixels. */
  terminalFontSize: z.number().int().min(fontSizeRange.min).max(fontSizeRange.max),
  /** Lines that a terminal keeps above what it shows. */
  scrollbackLines: z.number().int().min(scrollbackRange.min).max(scrollbackRange.max),
  /** Guests whose consoles are recorded whenever a console of this Domdeck is attached to them, by UUID. */
  recordAlways: z.array(z.string().max(64)).max(10_000).optional(),
  /** Whether what is selected in a console goes to the clipboard at once. */
  copyOnSelect: z.boolean(),
  /** After so many minutes without a key a broadcast ends by itself. */
  broadcastMinutes: z.number().min(0.05).max(broadcastMinutesRange.max),
  /** Shortcuts that differ from the usual ones, by action: `Ctrl+Shift+E`, several separated by spaces, or empty for none. */
  keys: z.record(z.string(), z.string().max(120)),
  /** What is told of while the window has not the focus. */
  tellJobEnds: z.boolean(),
  tellJobFailures: z.boolean(),
  tellCrashes: z.boolean(),
  /** Guests that stopped without a job: by themselves, or by somebody else's hand. */
  tellStops: z.boolean(),
  /** What was chosen in the palette, latest first. */
  recent: z.array(z.string().max(300)).max(maxRecent),
  /** The tabs and panes of the console dock, as the renderer's layout room writes it; opaque here. */
  layout: z.unknown().optional(),
  /** Sites in their order, those without a host too; a site that only a host names comes after them. */
  sites: z.array(siteNameSchema).max(1000).optional(),
  filters: z.array(savedFilterSchema).max(100).optional(),
  /** One's own sequences; no secret is in them. */
  sequences: z.array(sequenceSchema).max(100).optional(),
  /** How guests were reached by SSH last, or where they were said to be, by id. */
  guestLogins: z.record(z.string(), guestLoginSchema.partial()).optional(),
  layouts: z.array(savedLayoutSchema).max(100).optional(),
})
export type Preferences = z.infer<typeof preferencesSchema>

export const defaultPreferences: Preferences = {
  theme: 'dark',
  uiSize: 'normal',
  sideWidth: 280,
  inspectorWidth: 320,
  inspectorOpen: true,
  trayOpen: true,
  terminalFont: '',
  terminalFontSize: 11,
  scrollbackLines: 5_000,
  copyOnSelect: false,
  broadcastMinutes: 5,
  keys: {},
  tellJobEnds: true,
  tellJobFailures: true,
  tellCrashes: true,
  tellStops: false,
  recent: [],
}
