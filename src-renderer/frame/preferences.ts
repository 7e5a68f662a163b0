import { create } from 'zustand'
import { defaultPreferences, type Preferences } from '../../src-shared/models/preferences'
import { usePage } from '../api/page'
import { useTheme } from '../theme/theme'

type PreferencesState = Preferences & {
  /** Takes effect at once; written a moment later, so that dragging an edge is one write. */
  change(part: Partial<Preferences>): void
}

const writeAfterMs = 400
let pending: Partial<Preferences> = {}
let timer: ReturnType<typeof setTimeout> | undefined

/** What the person likes, kept by the main side. */
export const usePreferences = create<PreferencesState>((set) => ({
  ...defaultPreferences,
  change: (part) => {
    set(part)
    if (part.theme) useTheme.getState().choose(part.theme)
    pending = { ...pending, ...part }
    clearTimeout(timer)
    timer = setTimeout(write, writeAfterMs)
  },
}))

/** Writes what is pending; keeps it for the next connection when there is none. */
function write(): void {
  const client = usePage.getState().page?.client
  if (!client || Object.keys(pending).length === 0) return
  const part = pending
  pending = {}
  client.settings.savePreferences(part).catch(() => {
    pending = { ...part, ...pending }
  })
}

// A reload right after a change must not lose it. Tests of stores have no page.
globalThis.addEventListener?.('pagehide', write)

/** Takes what the main side remembers; what was changed here and not yet written wins. */
export function loadPreferences(remembered: Preferences): void {
  usePreferences.setState({ ...remembered, ...pending })
  useTheme.getState().choose(usePreferences.getState().theme)
  write()
}
