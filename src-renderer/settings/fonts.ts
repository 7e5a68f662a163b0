import { fontFamilySchema } from '../../src-shared/models/preferences'

/** Fonts for terminals that systems have or people install; empty is the first of them that is there. */
export const terminalFonts = [
  'Adwaita Mono',
  'Cascadia Mono',
  'Consolas',
  'DejaVu Sans Mono',
  'Fira Mono',
  'Hack',
  'IBM Plex Mono',
  'JetBrains Mono',
  'Liberation Mono',
  'Menlo',
  'Noto Sans Mono',
  'Source Code Pro',
  'Ubuntu Mono',
] as const

/** Width of a text in a CSS font family, in any unit. */
export type Measure = (text: string, family: string) => number

/** What this browser draws. */
export function measureText(text: string, family: string): number {
  const context = document.createElement('canvas').getContext('2d')
  if (!context) return 0
  context.font = `32px ${family}`
  return context.measureText(text).width
}

/** Whether a font is installed: what stands in for it then no longer matters. */
export function isInstalled(font: string, measure: Measure = measureText): boolean {
  const sample = 'mmMWwil10O@'
  return measure(sample, `"${font}", monospace`) === measure(sample, `"${font}", serif`)
}

/** Why a font is no good for a terminal, in a sentence; undefined when it is. */
export function refusedFont(font: string, measure: Measure = measureText): string | undefined {
  const read = fontFamilySchema.safeParse(font)
  if (!read.success) return read.error.issues[0]?.message
  const name = read.data
  if (name === '') return 'Enter the name of a font.'
  if (!isInstalled(name, measure)) return `${name} is not installed on this machine.`
  if (measure('iiiiiiii', `"${name}"`) !== measure('WWWWWWWW', `"${name}"`))
    return `The letters of ${name} differ in width: columns would not stand below each other.`
  return undefined
}
