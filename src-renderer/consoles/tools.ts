import { defaultPreferences } from '../../src-shared/models/preferences'
import { showDialog } from '../frame/dialogs'
import { attempt } from '../frame/notices'
import { usePreferences } from '../frame/preferences'
import type { IconName } from '../ui'
import { type Pane, setReadOnly } from './layout'
import { clampFontSize } from './look'
import { primarySelection } from './pointer'
import { saveSnapshot } from './save-snapshot'
import { sessionOf } from './session'
import { mayType, newFacts, useConsoles } from './store'

export type ToolId =
  | 'copy'
  | 'paste'
  | 'paste-selection'
  | 'search'
  | 'font-larger'
  | 'font-smaller'
  | 'font-normal'
  | 'font-larger-all'
  | 'font-smaller-all'
  | 'font-normal-all'
  | 'tell-size'
  | 'clear'
  | 'reset'
  | 'reset-clear'
  | 'read-only'
  | 'times'
  | 'scrollbar'
  | 'snapshot-text'
  | 'snapshot-html'
  | 'snapshot-png'
  | 'record'
  | 'record-input'
  | 'record-always'
  | 'console-log'
  | 'watch'

/** What can be done with one pane besides arranging it: its menu, the palette and the keys do it by this list. */
export type Tool = {
  id: ToolId
  title: string
  icon: IconName
  /** Why it cannot be done in this pane now. */
  refusal?(pane: Pane): string | undefined
  run(pane: Pane): void
}

const factsOf = ({ id }: Pane) => useConsoles.getState().facts.get(id) ?? newFacts
const refusesTyping = (pane: Pane): string | undefined => (mayType(useConsoles.getState(), pane.id) ? undefined : 'read-only')

function zoom(pane: Pane, step: number): void {
  const { terminalFontSize } = usePreferences.getState()
  // From the size that it has, for beyond the limits a step would only count.
  const size = clampFontSize(terminalFontSize + factsOf(pane).look.fontStep)
  sessionOf(pane).setLook({ fontStep: clampFontSize(size + step) - terminalFontSize })
}

/** All panes take the size of the settings again, which is changed. */
function zoomAll(size: number): void {
  usePreferences.getState().change({ terminalFontSize: clampFontSize(size) })
  for (const pane of useConsoles.getState().panes.values())
    if (factsOf(pane).look.fontStep !== 0) sessionOf(pane).setLook({ fontStep: 0 })
}

/** Pastes into a pane what `text` gives; several lines are asked about first. */
function offer(pane: Pane, text: () => Promise<string> | string): void {
  void attempt(`Paste into ${pane.name}`, async () => useConsoles.getState().note(pane.id, { offered: await text() }))
}

function snapshot(pane: Pane, kind: 'text' | 'html' | 'png'): void {
  void attempt(`Snapshot of ${pane.name}`, () => saveSnapshot(pane, kind))
}

export const tools: readonly Tool[] = [
  {
    id: 'copy',
    title: 'Copy what is selected',
    icon: 'copy',
    refusal: (pane) => (sessionOf(pane).terminal.xterm.hasSelection() ? undefined : 'nothing selected'),
    run: (pane) =>
      void attempt(`Copy from ${pane.name}`, () => navigator.clipboard.writeText(sessionOf(pane).terminal.xterm.getSelection())),
  },
  {
    id: 'paste',
    title: 'Paste',
    icon: 'pencil',
    refusal: refusesTyping,
    run: (pane) => offer(pane, () => navigator.clipboard.readText()),
  },
  {
    id: 'paste-selection',
    title: 'Paste the last selection',
    icon: 'pencil',
    refusal: (pane) => refusesTyping(pane) ?? (primarySelection() === '' ? 'nothing selected' : undefined),
    run: (pane) => offer(pane, primarySelection),
  },
  {
    id: 'search',
    title: 'Search in the pane',
    icon: 'search',
    run: (pane) => useConsoles.getState().note(pane.id, { searching: true }),
  },
  { id: 'font-larger', title: 'Larger font', icon: 'add', run: (pane) => zoom(pane, 1) },
  { id: 'font-smaller', title: 'Smaller font', icon: 'minus', run: (pane) => zoom(pane, -1) },
  { id: 'font-normal', title: 'Usual font size', icon: 'undo', run: (pane) => sessionOf(pane).setLook({ fontStep: 0 }) },
  {
    id: 'font-larger-all',
    title: 'Larger font in all panes',
    icon: 'add',
    run: () => zoomAll(usePreferences.getState().terminalFontSize + 1),
  },
  {
    id: 'font-smaller-all',
    title: 'Smaller font in all panes',
    icon: 'minus',
    run: () => zoomAll(usePreferences.getState().terminalFontSize - 1),
  },
  {
    id: 'font-normal-all',
    title: 'Usual font size in all panes',
    icon: 'undo',
    run: () => zoomAll(defaultPreferences.terminalFontSize),
  },
  {
    id: 'tell-size',
    title: 'Tell the guest this size',
    icon: 'code',
    refusal: (pane) => (pane.shell ? 'a shell knows its size' : refusesTyping(pane)),
    run(pane) {
      const { xterm } = sessionOf(pane).terminal
      // Xen carries no window size: a shell in the guest has to be told, as one would type it.
      sessionOf(pane).type(`stty rows ${xterm.rows} cols ${xterm.cols}\r`)
    },
  },
  { id: 'clear', title: 'Clear the scrollback', icon: 'trash', run: (pane) => sessionOf(pane).terminal.xterm.clear() },
  // A program that ended badly leaves modes and colours behind; what was printed stays.
  { id: 'reset', title: 'Reset the terminal', icon: 'reboot', run: (pane) => sessionOf(pane).terminal.reset(false) },
  {
    id: 'reset-clear',
    title: 'Reset and clear the terminal',
    icon: 'reboot',
    run: (pane) => sessionOf(pane).terminal.reset(true),
  },
  {
    id: 'read-only',
    title: 'Read-only',
    icon: 'lock',
    run: (pane) => useConsoles.getState().arrange((layout) => setReadOnly(layout, pane.id, !pane.readOnly)),
  },
  { id: 'snapshot-text', title: 'Save as text', icon: 'download', run: (pane) => snapshot(pane, 'text') },
  { id: 'snapshot-html', title: 'Save as HTML', icon: 'download', run: (pane) => snapshot(pane, 'html') },
  { id: 'snapshot-png', title: 'Save a picture', icon: 'download', run: (pane) => snapshot(pane, 'png') },
  {
    id: 'record',
    title: 'Record, or end the recording',
    icon: 'record',
    run: (pane) => {
      const session = sessionOf(pane)
      const { recording } = factsOf(pane)
      void attempt(`Recording of ${pane.name}`, () => (recording ? session.stopRecording() : session.record(false)))
    },
  },
  {
    id: 'record-input',
    title: 'Record with what is typed',
    icon: 'record',
    refusal: (pane) => (factsOf(pane).recording ? 'recorded already' : undefined),
    run: (pane) => showDialog({ kind: 'record-input', paneId: pane.id }),
  },
  {
    id: 'record-always',
    title: 'Always record this guest',
    icon: 'record',
    run(pane) {
      const { recordAlways = [], change } = usePreferences.getState()
      const isOn = recordAlways.includes(pane.guestId)
      change({ recordAlways: isOn ? recordAlways.filter((one) => one !== pane.guestId) : [...recordAlways, pane.guestId] })
      if (!isOn && !factsOf(pane).recording) void attempt(`Recording of ${pane.name}`, () => sessionOf(pane).record(false))
    },
  },
  {
    id: 'times',
    title: 'Show when each line came',
    icon: 'clock',
    run: (pane) => sessionOf(pane).setLook({ times: !factsOf(pane).look.times }),
  },
  {
    id: 'scrollbar',
    title: 'Scrollbar',
    icon: 'layers',
    run: (pane) => sessionOf(pane).setLook({ scrollbar: !factsOf(pane).look.scrollbar }),
  },
  {
    id: 'console-log',
    title: 'Log that the host keeps',
    icon: 'code',
    run: (pane) => useConsoles.getState().note(pane.id, { log: !factsOf(pane).log }),
  },
  {
    id: 'watch',
    title: 'Tell me when a text appears, or when it is quiet',
    icon: 'bell',
    run: (pane) => showDialog({ kind: 'watch-console', paneId: pane.id }),
  },
]

/** The tool of this name; every name has one. */
export function toolOf(id: ToolId): Tool {
  return tools.find((tool) => tool.id === id) as Tool
}
