import type { Preferences } from '../../src-shared/models/preferences'

/** As the preferences allow them, in pixels. */
export const sideRange = { min: 200, max: 560 }
export const inspectorRange = { min: 240, max: 560 }

/** The centre keeps at least this much: some 60 columns of a terminal. */
const centreMin = 480

type Wanted = Pick<Preferences, 'sideWidth' | 'sideOpen' | 'inspectorWidth' | 'inspectorOpen'>

/** Widths of the side columns in a window of this width; 0 is closed. A narrow window takes from both before it closes the inspector. */
export function columnWidths(wanted: Wanted, window: number): { side: number; inspector: number } {
  const side = wanted.sideOpen === false ? 0 : wanted.sideWidth
  const inspector = wanted.inspectorOpen ? wanted.inspectorWidth : 0
  let over = side + inspector + centreMin - window
  if (over <= 0) return { side, inspector }
  const fromInspector = inspector > 0 ? Math.min(over, inspector - inspectorRange.min) : 0
  over -= fromInspector
  const fromSide = side > 0 ? Math.min(over, side - sideRange.min) : 0
  over -= fromSide
  return { side: side - fromSide, inspector: over > 0 ? 0 : inspector - fromInspector }
}
