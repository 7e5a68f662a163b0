import type { KeyActionId, KeyPress } from '../frame/keymap'
import { actionOf } from '../frame/keys'
import type { Side } from '../layout/neighbour'
import type { Direction } from '../layout/tree'
import type { BroadcastMode } from './broadcast'
import { type ToolId, tools } from './tools'

/** What a shortcut of the console dock does. */
export type DockAct =
  | { act: 'split'; direction: Direction | 'auto' }
  | { act: 'close' }
  | { act: 'next'; step: 1 | -1 }
  | { act: 'go'; side: Side }
  | { act: 'maximise'; zoom: boolean }
  | { act: 'edge'; side: Side }
  | { act: 'move'; side: Side }
  | { act: 'rotate'; clockwise: boolean }
  | { act: 'equalise' }
  | { act: 'copy' }
  | { act: 'tool'; tool: ToolId }
  | { act: 'new-tab' }
  | { act: 'title'; of: 'tab' | 'pane' }
  | { act: 'close-tab' }
  | { act: 'tab'; step: 1 | -1 }
  /** The tab at this place, from 1. */
  | { act: 'tab-at'; place: number }
  | { act: 'move-tab'; step: 1 | -1 }
  | { act: 'pane-to-new-tab' }
  | { act: 'pane-to-window' }
  | { act: 'pane-to-tab'; step: 1 | -1 }
  | { act: 'group' | 'ungroup'; of: 'all' | 'tab' }
  | { act: 'broadcast'; mode: BroadcastMode }
  | { act: 'number'; padded: boolean }

const acts: Partial<Record<KeyActionId, DockAct>> = {
  'split-right': { act: 'split', direction: 'row' },
  'split-below': { act: 'split', direction: 'column' },
  'pane-close': { act: 'close' },
  'pane-next': { act: 'next', step: 1 },
  'pane-previous': { act: 'next', step: -1 },
  'split-auto': { act: 'split', direction: 'auto' },
  'pane-maximise': { act: 'maximise', zoom: false },
  'pane-zoom': { act: 'maximise', zoom: true },
  'edge-left': { act: 'edge', side: 'left' },
  'edge-right': { act: 'edge', side: 'right' },
  'edge-up': { act: 'edge', side: 'up' },
  'edge-down': { act: 'edge', side: 'down' },
  'move-left': { act: 'move', side: 'left' },
  'move-right': { act: 'move', side: 'right' },
  'move-up': { act: 'move', side: 'up' },
  'move-down': { act: 'move', side: 'down' },
  'rotate-right': { act: 'rotate', clockwise: true },
  'rotate-left': { act: 'rotate', clockwise: false },
  equalise: { act: 'equalise' },
  'pane-left': { act: 'go', side: 'left' },
  'pane-right': { act: 'go', side: 'right' },
  'pane-up': { act: 'go', side: 'up' },
  'pane-down': { act: 'go', side: 'down' },
  copy: { act: 'copy' },
  'tab-new': { act: 'new-tab' },
  'tab-rename': { act: 'title', of: 'tab' },
  'pane-title': { act: 'title', of: 'pane' },
  'tab-close': { act: 'close-tab' },
  'tab-next': { act: 'tab', step: 1 },
  'tab-previous': { act: 'tab', step: -1 },
  'tab-move-right': { act: 'move-tab', step: 1 },
  'tab-move-left': { act: 'move-tab', step: -1 },
  'pane-to-new-tab': { act: 'pane-to-new-tab' },
  'pane-to-window': { act: 'pane-to-window' },
  'pane-to-next-tab': { act: 'pane-to-tab', step: 1 },
  'pane-to-previous-tab': { act: 'pane-to-tab', step: -1 },
  'group-all': { act: 'group', of: 'all' },
  'ungroup-all': { act: 'ungroup', of: 'all' },
  'group-tab': { act: 'group', of: 'tab' },
  'ungroup-tab': { act: 'ungroup', of: 'tab' },
  'broadcast-group': { act: 'broadcast', mode: 'group' },
  'broadcast-all': { act: 'broadcast', mode: 'all' },
  'insert-number': { act: 'number', padded: false },
  'insert-padded': { act: 'number', padded: true },
}

const isTool = (id: string): id is ToolId => tools.some((tool) => tool.id === id)

/** What this key does to the dock; undefined for a key that is the guest's. */
export function dockAct(event: KeyPress): DockAct | undefined {
  const action = actionOf(event)
  if (action?.where !== 'consoles') return undefined
  const place = /^tab-(\d+)$/.exec(action.id)?.[1]
  if (place !== undefined) return { act: 'tab-at', place: Number(place) }
  return acts[action.id] ?? (isTool(action.id) ? { act: 'tool', tool: action.id } : undefined)
}
