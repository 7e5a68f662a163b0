import { fontSizeRange } from '../../src-shared/models/preferences'

/** How one pane differs from the settings. */
export type Look = {
  /** Pixels more, or less, than the settings say. */
  fontStep: number
  /** Lines kept above what is shown; undefined for what the settings say. */
  scrollback: number | undefined
  /** Whether it is shown when each line came. */
  times: boolean
  scrollbar: boolean
}

export const plainLook: Look = { fontStep: 0, scrollback: undefined, times: false, scrollbar: true }

/** The nearest size, in pixels, that a font of a console may have. */
export function clampFontSize(size: number): number {
  return Math.min(fontSizeRange.max, Math.max(fontSizeRange.min, size))
}
