import { Tabs } from '@base-ui/react/tabs'
import { BroadcastBar } from '../consoles/BroadcastBar'
import { BroadcastQuestion } from '../consoles/BroadcastQuestion'
import { ConsoleDock, ConsoleTools } from '../consoles/ConsoleDock'
import { ConsoleTabs, consoleTabValue, NewTabButton, showConsoleTab } from '../consoles/ConsoleTabs'
import { useConsoles } from '../consoles/store'
import { useHost } from '../fleet/store'
import { HostPage } from '../hosts/HostPage'
import { BasesPage } from '../images/BasesPage'
import { JobsPage } from '../jobs/JobsPage'
import { SettingsPage } from '../settings/SettingsPage'
import { Icon, IconButton, Tag } from '../ui'
import { type DockTab, tabId, useDock } from './dock'
import { usePreferences } from './preferences'
import { TabButton } from './TabButton'

/** The centre: consoles, and the pages of hosts, as tabs. */
export function Dock() {
  const { tabs, active, activate, close } = useDock()
  const { sideOpen, inspectorOpen, change } = usePreferences()
  const consoleTab = consoleTabValue(useConsoles((state) => state.active))
  const front = active === 'consoles' ? consoleTab : active
  return (
    <Tabs.Root
      className="centre"
      value={front}
      onValueChange={(value) => showConsoleTab(String(value)) || activate(String(value))}
      render={<main data-region="centre" aria-label="Workspace" />}
    >
      <div className="tabs">
        <Tabs.List className="tabs-l" aria-label="Open pages">
          <ConsoleTabs front={front} />
          {tabs.map(
            (tab) =>
              tab.kind !== 'consoles' && (
                <TabHandle key={tabId(tab)} tab={tab} on={tabId(tab) === active} onClose={() => close(tabId(tab))} />
              ),
          )}
        </Tabs.List>
        <NewTabButton />
        <div className="tools">
          {active === 'consoles' && (
            <>
              <ConsoleTools />
              <span className="vr" />
            </>
          )}
          <IconButton
            icon="panel-left"
            iconSize="s"
            label={sideOpen === false ? 'Show the fleet' : 'Hide the fleet'}
            pressed={sideOpen !== false}
            onClick={() => change({ sideOpen: sideOpen === false })}
          />
          <IconButton
            icon="panel-right"
            iconSize="s"
            label={inspectorOpen ? 'Hide the inspector' : 'Show the inspector'}
            pressed={inspectorOpen}
            onClick={() => change({ inspectorOpen: !inspectorOpen })}
          />
        </div>
      </div>
      {/* Consoles stay alive behind other tabs: their scrollback is in the page. */}
      <Tabs.Panel value={consoleTab} keepMounted className="dock-p" tabIndex={-1}>
        <h1 className="sr">Consoles</h1>
        <BroadcastBar />
        <ConsoleDock />
        <BroadcastQuestion />
      </Tabs.Panel>
      {tabs.some((tab) => tab.kind === 'jobs') && (
        <Tabs.Panel value="jobs" className="dock-p" tabIndex={-1}>
          <JobsPage />
        </Tabs.Panel>
      )}
      <Tabs.Panel value="bases" className="dock-p" tabIndex={-1}>
        <BasesPage />
      </Tabs.Panel>
      <Tabs.Panel value="settings" className="dock-p" tabIndex={-1}>
        <SettingsPage />
      </Tabs.Panel>
      {tabs.map(
        (tab) =>
          tab.kind === 'host' && (
            <Tabs.Panel key={tabId(tab)} value={tabId(tab)} className="dock-p" tabIndex={-1}>
              <HostPage hostId={tab.hostId} />
            </Tabs.Panel>
          ),
      )}
    </Tabs.Root>
  )
}

function TabHandle({ tab, on, onClose }: { tab: Exclude<DockTab, { kind: 'consoles' }>; on: boolean; onClose(): void }) {
  if (tab.kind === 'jobs')
    return (
      <TabButton value={tabId(tab)} on={on} icon={<Icon name="clock" size="s" />} onClose={onClose}>
        Jobs
      </TabButton>
    )
  if (tab.kind === 'bases')
    return (
      <TabButton value={tabId(tab)} on={on} icon={<Icon name="layers" size="s" />} onClose={onClose}>
        Bases
      </TabButton>
    )
  if (tab.kind === 'settings')
    return (
      <TabButton value={tabId(tab)} on={on} icon={<Icon name="settings" size="s" />} onClose={onClose}>
        Settings
      </TabButton>
    )
  return <HostTab hostId={tab.hostId} on={on} onClose={onClose} />
}

function HostTab({ hostId, on, onClose }: { hostId: string; on: boolean; onClose(): void }) {
  const host = useHost(hostId)
  return (
    <TabButton value={`host:${hostId}`} on={on} icon={<Icon name="server" size="s" />} onClose={onClose}>
      {host?.settings.name ?? 'removed host'}
      {host?.settings.simulated && <Tag tone="cyan">simulated</Tag>}
    </TabButton>
  )
}
