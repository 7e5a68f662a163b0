import { z } from 'zod'
import { type ConsoleWatch, consoleWatchSchema } from '../../src-shared/models/console'
import type { Problem } from '../../src-shared/problem'
import { tell } from '../frame/happenings'
import { tellProblem } from '../frame/notices'
import type { Pane } from './layout'
import { showPane } from './marks'
import { useConsoles } from './store'

/** What a pane waits for, as the end of a sentence. */
export function watchWords(watch: ConsoleWatch): string {
  if (watch.for === 'quiet') return `it is quiet for ${watch.seconds} s`
  return watch.isPattern ? `/${watch.text}/ appears` : `“${watch.text}” appears`
}

const storageKey = 'watches'
const storedSchema = z.record(z.string(), consoleWatchSchema)

function stored(): Record<string, ConsoleWatch> {
  const read = storedSchema.safeParse(JSON.parse(globalThis.sessionStorage?.getItem(storageKey) ?? '{}'))
  return read.success ? read.data : {}
}

/** What this pane waited for before the page was loaded anew. */
export function keptWatch(paneId: string): ConsoleWatch | undefined {
  return stored()[paneId]
}

/** What a pane waits for now; kept for when the page is loaded anew. */
export function noteWatch(paneId: string, watch: ConsoleWatch | undefined): void {
  const { panes, note } = useConsoles.getState()
  note(paneId, { watch })
  const others = Object.entries(stored()).filter(([id]) => id !== paneId && panes.has(id))
  const all = Object.fromEntries(watch ? [...others, [paneId, watch]] : others)
  globalThis.sessionStorage?.setItem(storageKey, JSON.stringify(all))
}

/** What a pane waited for has come. */
export function watchHit(pane: Pane, line: string | undefined): void {
  const watch = useConsoles.getState().facts.get(pane.id)?.watch
  if (!watch) return
  tell({
    key: `watch ${pane.id}`,
    tone: 'plain',
    title: watch.for === 'quiet' ? `${pane.name} is quiet for ${watch.seconds} s` : `${pane.name}: ${watchWords(watch)}`,
    text: line?.trim() || 'Nothing more has come from its console.',
    show: () => showPane(pane.id),
  })
  if (!watch.lasts) noteWatch(pane.id, undefined)
}

/** A pane can wait no more. */
export function watchFailed(pane: Pane, problem: Problem): void {
  noteWatch(pane.id, undefined)
  tellProblem(`Waiting for a text of ${pane.name}`, problem)
}
