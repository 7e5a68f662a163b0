import { useState } from 'react'
import { showDialog } from '../frame/dialogs'
import { useDock } from '../frame/dock'
import { useKeys } from '../frame/keys'
import { TabButton } from '../frame/TabButton'
import { leaves } from '../layout/tree'
import { Icon, IconButton, Menu } from '../ui'
import { useBroadcast } from './broadcaster'
import type { ConsoleTab } from './layout'
import { MarkIcon } from './MarkIcon'
import { useTabMark } from './marks'
import { newPaneId } from './open'
import { acceptPane, droppedPane } from './pane-drag'
import { perform } from './perform'
import { useConsoles } from './store'
import { askCloseTab, askTitle } from './tab-acts'
import { movePaneToTab, newTab, showTab, tabTitle } from './tabs'

const prefix = 'consoles:'

/** What the dock's tab list calls a tab of consoles. */
export function consoleTabValue(tabId: string): string {
  return `${prefix}${tabId}`
}

/** Brings a tab of consoles to the front by that value, with the keys; false for another value. */
export function showConsoleTab(value: string): boolean {
  if (!value.startsWith(prefix)) return false
  useDock.getState().showConsoles()
  useConsoles.getState().arrange((layout) => showTab(layout, value.slice(prefix.length)))
  return true
}

/** The tabs of consoles, for the dock's list of tabs. */
export function ConsoleTabs({ front }: { front: string }) {
  const tabs = useConsoles((state) => state.tabs)
  const isLone = tabs.length === 1 && tabs[0]?.tree === undefined
  return tabs.map((tab) => <ConsoleTabButton key={tab.id} tab={tab} on={consoleTabValue(tab.id) === front} canClose={!isLone} />)
}

function ConsoleTabButton({ tab, on, canClose }: { tab: ConsoleTab; on: boolean; canClose: boolean }) {
  const title = useConsoles((state) => tabTitle(state, tab))
  const mark = useTabMark(tab.tree)
  const isCast = useBroadcast(({ audience }) => audience.targets.some(({ id }) => leaves(tab.tree).includes(id)))
  const [over, setOver] = useState(false)
  return (
    <TabButton
      value={consoleTabValue(tab.id)}
      on={on}
      icon={
        mark ? (
          <MarkIcon mark={mark} />
        ) : isCast ? (
          <Icon name="broadcast" size="s" className="cast" />
        ) : (
          <Icon name="console" size="s" />
        )
      }
      className={over ? 'drop' : ''}
      onClose={canClose ? () => askCloseTab(tab.id) : undefined}
      onRename={() => askTitle({ of: 'tab', id: tab.id })}
      onDragOver={(event) => setOver(acceptPane(event))}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false)
        const paneId = droppedPane(event)
        useConsoles.getState().arrange((layout) => movePaneToTab(layout, paneId, tab.id, newPaneId))
      }}
    >
      <span className="el">{title}</span>
      {isCast && <span className="sr">, broadcasting</span>}
    </TabButton>
  )
}

/** Opens another tab of consoles; a pane that is dropped on it gets one of its own. */
export function NewTabButton() {
  const [over, setOver] = useState(false)
  return (
    <IconButton
      icon="add"
      iconSize="s"
      label="New tab of consoles"
      keys={useKeys('tab-new')}
      className={over ? 'tab-add drop' : 'tab-add'}
      onClick={() => {
        useDock.getState().showConsoles()
        useConsoles.getState().arrange((layout) => newTab(layout, newPaneId))
      }}
      onDragOver={(event) => setOver(acceptPane(event))}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false)
        const paneId = droppedPane(event)
        useConsoles.getState().arrange((layout) => movePaneToTab(layout, paneId, undefined, newPaneId))
      }}
    />
  )
}

/** What one does with the tab in front. */
export function TabMenu() {
  const active = useConsoles((state) => state.active)
  const several = useConsoles((state) => state.tabs.length > 1)
  const alone = several ? {} : { disabled: 'the only tab' }
  return (
    <Menu
      trigger={<IconButton icon="more" iconSize="s" label="Menu of the tab" />}
      entries={[
        { label: 'New tab', icon: 'add', keys: useKeys('tab-new'), onSelect: () => perform({ act: 'new-tab' }) },
        {
          label: 'Rename the tab',
          icon: 'pencil',
          keys: useKeys('tab-rename'),
          onSelect: () => askTitle({ of: 'tab', id: active }),
        },
        {
          label: 'Move the tab left',
          icon: 'chevron-left',
          keys: useKeys('tab-move-left'),
          ...alone,
          onSelect: () => perform({ act: 'move-tab', step: -1 }),
        },
        {
          label: 'Move the tab right',
          icon: 'chevron-right',
          keys: useKeys('tab-move-right'),
          ...alone,
          onSelect: () => perform({ act: 'move-tab', step: 1 }),
        },
        'rule',
        {
          label: 'Title of the window',
          icon: 'pencil',
          keys: useKeys('window-title'),
          onSelect: () => askTitle({ of: 'window' }),
        },
        {
          label: 'Layouts',
          icon: 'layers',
          keys: useKeys('layouts'),
          onSelect: () => showDialog({ kind: 'layouts' }),
        },
        'rule',
        { label: 'Close the tab', icon: 'close', keys: useKeys('tab-close'), onSelect: () => askCloseTab(active) },
      ]}
    />
  )
}
