import { scrollbackRange } from '../../src-shared/models/preferences'
import { showDialog } from '../frame/dialogs'
import { keysNow } from '../frame/keys'
import { usePreferences } from '../frame/preferences'
import type { MenuEntry, Submenu } from '../ui'
import type { Pane } from './layout'
import { sessionOf } from './session'
import type { PaneFacts } from './store'
import { type ToolId, toolOf } from './tools'

const scrollbacks = [scrollbackRange.min, 1_000, 10_000, scrollbackRange.max]

/** What the menu of a pane offers besides arranging it. */
export function toolEntries(pane: Pane, facts: PaneFacts): (MenuEntry | Submenu)[] {
  const act = (id: ToolId) => {
    const { title, icon, refusal, run } = toolOf(id)
    return {
      label: title,
      icon,
      keys: id === 'paste' ? 'Ctrl+Shift+V' : keysNow(id),
      disabled: refusal?.(pane),
      onSelect: () => run(pane),
    }
  }
  const entry = (id: ToolId, checked?: boolean): MenuEntry => ({ ...act(id), checked })
  const { scrollback } = facts.look
  const keep = (lines: number | undefined): MenuEntry => ({
    label: lines === undefined ? 'As the settings say' : `${lines.toLocaleString('en')} lines`,
    checked: scrollback === lines,
    onSelect: () => sessionOf(pane).setLook({ scrollback: lines }),
  })
  return [
    entry('copy'),
    entry('paste'),
    entry('search'),
    entry('watch', facts.watch !== undefined),
    entry('console-log', facts.log),
    'rule',
    { label: 'Font size', icon: 'pencil', entries: fontTools.map((id) => entry(id)) },
    { label: 'Scrollback', icon: 'layers', entries: [...[undefined, ...scrollbacks].map(keep), 'rule', entry('clear')] },
    { label: 'Reset', icon: 'reboot', entries: [entry('reset'), entry('reset-clear')] },
    {
      label: 'Record',
      icon: 'record',
      entries: [
        { ...act('record'), label: facts.recording ? 'End the recording' : 'Record' },
        entry('record-input'),
        entry('record-always', usePreferences.getState().recordAlways?.includes(pane.guestId) === true),
        'rule',
        { label: 'Recordings', icon: 'play', onSelect: () => showDialog({ kind: 'recordings' }) },
      ],
    },
    {
      label: 'Snapshot',
      icon: 'download',
      entries: [entry('snapshot-text'), entry('snapshot-html'), entry('snapshot-png')],
    },
    entry('tell-size'),
    entry('read-only', pane.readOnly === true),
    entry('times', facts.look.times),
    entry('scrollbar', facts.look.scrollbar),
  ]
}

const fontTools = [
  'font-larger',
  'font-smaller',
  'font-normal',
  'font-larger-all',
  'font-smaller-all',
  'font-normal-all',
] as const
