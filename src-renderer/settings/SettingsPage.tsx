import './settings.css'
import { Tabs } from '@base-ui/react/tabs'
import type { ReactNode } from 'react'
import { useDock } from '../frame/dock'
import { AppearancePart } from './AppearancePart'
import { ConsolesPart } from './ConsolesPart'
import { FilesPart } from './FilesPart'
import { HostsPart } from './HostsPart'
import { KeysPart } from './KeysPart'
import { NotificationsPart } from './NotificationsPart'
import { settingsParts } from './parts'

const contents: Record<(typeof settingsParts)[number]['id'], () => ReactNode> = {
  appearance: AppearancePart,
  consoles: ConsolesPart,
  keys: KeysPart,
  notifications: NotificationsPart,
  hosts: HostsPart,
  files: FilesPart,
}

/** What a person can settle. Everything takes effect at once and is kept. */
export function SettingsPage() {
  const part = useDock((dock) => dock.settingsPart)
  const show = useDock((dock) => dock.showSettings)
  return (
    <div className="host-page">
      <header className="hh">
        <h1>Settings</h1>
        <p className="set-p">Everything takes effect at once, in all windows, and is kept on this workstation.</p>
      </header>
      <Tabs.Root className="host-tabs" value={part} onValueChange={(value) => show(String(value))}>
        <Tabs.List className="ht" aria-label="Parts of the settings">
          {settingsParts.map(({ id, title }) => (
            <Tabs.Tab key={id} value={id} className="ht-t">
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {settingsParts.map(({ id }) => {
          const Part = contents[id]
          return (
            <Tabs.Panel key={id} value={id} className="hb">
              <Part />
            </Tabs.Panel>
          )
        })}
      </Tabs.Root>
    </div>
  )
}
