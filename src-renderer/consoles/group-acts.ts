import { showDialog } from '../frame/dialogs'
import { leaves } from '../layout/tree'
import type { IconName } from '../ui'
import { groupsOf, join, leave } from './groups'
import { activeTab, orderedPanes, type Pane } from './layout'
import { useConsoles } from './store'

/** Puts panes into a group, which is made if there is none of this name. */
export function joinGroup(ids: readonly string[], name: string): void {
  useConsoles.getState().arrange((layout) => ({ ...layout, panes: join(layout.panes, ids, name) }))
}

/** Takes panes out of their groups. */
function leaveGroups(ids: readonly string[]): void {
  useConsoles.getState().arrange((layout) => ({ ...layout, panes: leave(layout.panes, ids) }))
}

/** All panes of this window, or those of the tab in front, and what a group of them is called, as in Terminator. */
function groupOf(of: 'all' | 'tab'): { name: string; ids: string[] } {
  const state = useConsoles.getState()
  if (of === 'all') return { name: 'All', ids: orderedPanes(state) }
  const tab = activeTab(state)
  return { name: tab.name || `Tab ${state.tabs.indexOf(tab) + 1}`, ids: leaves(tab.tree) }
}

/** Groups all panes of this window, or those of the tab in front. */
export function groupPanes(of: 'all' | 'tab'): void {
  const { name, ids } = groupOf(of)
  joinGroup(ids, name)
}

/** Takes them out of whatever groups they are in. */
export function ungroupPanes(of: 'all' | 'tab'): void {
  leaveGroups(groupOf(of).ids)
}

/** What can be done about the group of a pane, for its menu and the palette. */
export function groupEntries({ id: paneId, group }: Pane): { id: string; label: string; icon: IconName; onSelect(): void }[] {
  const others = groupsOf(useConsoles.getState().panes).filter(({ name }) => name !== group?.name)
  return [
    ...others.map(({ name }) => ({
      id: `join ${name}`,
      label: `Join the group ${name}`,
      icon: 'layers' as const,
      onSelect: () => joinGroup([paneId], name),
    })),
    { id: 'group', label: 'New group', icon: 'add', onSelect: () => showDialog({ kind: 'group', paneId }) },
    ...(group
      ? [
          {
            id: 'rename-group',
            label: `Rename the group ${group.name}`,
            icon: 'pencil' as const,
            onSelect: () => showDialog({ kind: 'group', renamed: group.name }),
          },
          { id: 'leave', label: `Leave the group ${group.name}`, icon: 'close' as const, onSelect: () => leaveGroups([paneId]) },
        ]
      : []),
  ]
}
