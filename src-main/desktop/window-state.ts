import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const pixels = z.number().int().min(-100_000).max(100_000)

const stateSchema = z.object({
  x: pixels.optional(),
  y: pixels.optional(),
  width: pixels,
  height: pixels,
  maximised: z.boolean(),
})

/** Where a window was last, in pixels of all displays together. Without a place the system chooses one. */
export type WindowState = z.infer<typeof stateSchema>

export type Area = { x: number; y: number; width: number; height: number }

export const smallestWindow = { width: 1024, height: 700 }
const firstState: WindowState = { width: 1440, height: 900, maximised: false }

/** So much of a window's upper edge must be on a display that it can be taken there and moved. */
const gripPixels = 96

/**
 * Where to put a window: as it was, but for a display that is gone or smaller now. `displays` are their areas free of bars, the
 * first one the main one; each of `others` open windows moves it a little, so that none hides another.
 */
export function placeWindow(kept: WindowState | undefined, displays: readonly Area[], others: number): WindowState {
  const state = kept ?? firstState
  const offset = others * 32
  const { width, height, maximised } = state
  if (state.x !== undefined && state.y !== undefined) {
    const [x, y] = [state.x + offset, state.y + offset]
    const display = displays.find((area) => {
      const across = Math.min(x + width, area.x + area.width) - Math.max(x, area.x)
      return across >= gripPixels && y >= area.y && y <= area.y + area.height - gripPixels
    })
    if (display) return { x, y, ...fitted(width, height, display), maximised: maximised && others === 0 }
  }
  return { ...fitted(width, height, displays[0]), maximised: maximised && others === 0 }
}

function fitted(width: number, height: number, area: Area | undefined): { width: number; height: number } {
  return {
    width: Math.max(smallestWindow.width, Math.min(width, area?.width ?? width)),
    height: Math.max(smallestWindow.height, Math.min(height, area?.height ?? height)),
  }
}

/** The state that the last window left in `folder`, or undefined. */
export function readWindowState(folder: string): WindowState | undefined {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(join(folder, 'window.json'), 'utf8')))
  } catch {
    return undefined
  }
}

/** Keeps the state of a window that closes. Where windows stand is worth no failure. */
export function keepWindowState(folder: string, state: WindowState): void {
  const file = join(folder, 'window.json')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(`${file}.new`, `${JSON.stringify(state)}\n`, { mode: 0o600 })
    renameSync(`${file}.new`, file)
  } catch (error) {
    console.error(`${file} cannot be written:`, error)
  }
}
