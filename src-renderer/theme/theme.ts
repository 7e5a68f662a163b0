import { create } from 'zustand'
import type { Preferences } from '../../src-shared/models/preferences'

export type ThemeChoice = Preferences['theme']
export type Theme = 'dark' | 'light'

/** The theme that a choice means on this machine now. */
export function resolveTheme(choice: ThemeChoice, systemDark: boolean): Theme {
  return choice === 'system' ? (systemDark ? 'dark' : 'light') : choice
}

type ThemeState = { choice: ThemeChoice; theme: Theme; choose(choice: ThemeChoice): void }

const system = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : undefined

/** What a person chose, and the theme shown. The document's `data-theme` follows it. */
export const useTheme = create<ThemeState>((set) => ({
  choice: 'dark',
  theme: 'dark',
  choose: (choice) => set({ choice, theme: resolveTheme(choice, system?.matches ?? true) }),
}))

/** Keeps `data-theme` of the document in step with the choice and with the system. Called once. */
export function applyTheme(root: HTMLElement): void {
  useTheme.subscribe(({ theme }) => {
    root.dataset.theme = theme
  })
  system?.addEventListener('change', () => useTheme.getState().choose(useTheme.getState().choice))
}
