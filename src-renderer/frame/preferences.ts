import { create } from 'zustand'
import { defaultPreferences, type Preferences, preferencesSchema } from '../../src-shared/models/preferences'
import { usePage } from '../api/page'
import { useTheme } from '../theme/theme'

type PreferencesState = Preferences & {
  /** Takes effect at once, in all windows if it is a setting; written a moment later, so that dragging an edge is one write. */
  change(part: Partial<Preferences>): void
}

const writeAfterMs = 400
let pending: Partial<Preferences> = {}
let timer: ReturnType<typeof setTimeout> | undefined

/** Columns and panes are each window's own; all else is the same in all windows of this browser or app. */
const ownOfWindow = new Set(['sideWidth', 'sideOpen', 'inspectorWidth', 'inspectorOpen', 'trayOpen', 'layout'])
const otherWindows = typeof window === 'undefined' ? undefined : new BroadcastChannel('preferences')

/** What the person likes, kept by the main side. */
export const usePreferences = create<PreferencesState>((set) => ({
  ...defaultPreferences,
  change: (part) => {
    set(part)
    show(part)
    const settings = Object.entries(part).filter(([name]) => !ownOfWindow.has(name))
    if (settings.length > 0) otherWindows?.postMessage(Object.fromEntries(settings))
    pending = { ...pending, ...part }
    clearTimeout(timer)
    timer = setTimeout(write, writeAfterMs)
  },
}))

otherWindows?.addEventListener('message', ({ data }) => {
  const changed = preferencesSchema.partial().safeParse(data)
  if (!changed.success) return
  usePreferences.setState(changed.data as Partial<Preferences>)
  show(changed.data)
})

/** What the look of the document depends on. */
function show({ theme, uiSize }: { theme?: Preferences['theme'] | undefined; uiSize?: Preferences['uiSize'] | undefined }): void {
  if (theme) useTheme.getState().choose(theme)
  if (uiSize && typeof document !== 'undefined') document.documentElement.dataset.uiSize = uiSize
}

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
  show(usePreferences.getState())
  write()
}
