import { useMemo } from 'react'
import { runningGuests, useFleet } from '../fleet/store'
import { connectionTrouble } from '../fleet/trouble'
import { type ThemeChoice, useTheme } from '../theme/theme'
import { Brand, Icon, IconButton, Kbd, Menu, Tag } from '../ui'
import { countWords } from '../ui/words'
import { showDialog } from './dialogs'
import { useDock } from './dock'
import { useKeys } from './keys'
import { usePreferences } from './preferences'

/** Brand, search, what the fleet comes to, what needs a person, and the theme. */
export function TopBar() {
  const keys = useKeys('palette')
  return (
    <header className="top">
      <div className="brand">
        <Brand />
        <span>Domdeck</span>
      </div>
      <button
        type="button"
        className="cmd"
        aria-keyshortcuts={keys?.replace('Ctrl', 'Control')}
        onClick={() => showDialog({ kind: 'palette' })}
      >
        <Icon name="search" size="s" />
        <span>Search hosts, guests, commands</span>
        <span className="sp" />
        {keys && <Kbd keys={keys} />}
      </button>
      <div className="topr">
        <Counts />
        <Attention />
        <ThemeMenu />
        <IconButton
          icon="settings"
          iconSize="s"
          label="Settings"
          keys={useKeys('settings')}
          onClick={() => useDock.getState().showSettings()}
        />
      </div>
    </header>
  )
}

function Counts() {
  const hosts = useFleet((fleet) => fleet.hosts)
  const guests = useFleet((fleet) => fleet.guests)
  const running = useMemo(() => runningGuests({ hosts, guests }), [hosts, guests])
  const simulated = hosts.some((host) => host.settings.simulated)
  if (hosts.length === 0) return null
  return (
    <span className="conn">
      {simulated && <Tag tone="cyan">simulated fleet</Tag>}
      <span>{countWords(hosts.length, 'host')}</span>
      <span className="f3">·</span>
      <span>{countWords(running, 'guest')} running</span>
    </span>
  )
}

function Attention() {
  const hosts = useFleet((fleet) => fleet.hosts)
  const troubled = connectionTrouble(hosts)
  if (troubled.length === 0) return null
  const label = `${countWords(troubled.length, 'host needs', 'hosts need')} attention`
  return (
    <Menu
      trigger={
        <button type="button" className="att" aria-label={label}>
          <Icon name={troubled.some(({ isKey }) => isKey) ? 'key' : 'alert'} size="xs" />
          {troubled.length}
        </button>
      }
      entries={troubled.map(({ host, reason }) => ({
        label: `${host.settings.name}: ${reason}`,
        onSelect: () => showDialog({ kind: 'connection', hostId: host.settings.id }),
      }))}
    />
  )
}

const themes: { choice: ThemeChoice; label: string }[] = [
  { choice: 'dark', label: 'Dark' },
  { choice: 'light', label: 'Light' },
  { choice: 'system', label: 'As the system' },
]

function ThemeMenu() {
  const { theme, choice } = useTheme()
  const change = usePreferences((preferences) => preferences.change)
  return (
    <Menu
      trigger={<IconButton icon={theme === 'dark' ? 'sun' : 'moon'} iconSize="s" label="Theme" />}
      entries={themes.map((entry) => ({
        label: entry.label,
        icon: entry.choice === choice ? ('check' as const) : undefined,
        onSelect: () => change({ theme: entry.choice }),
      }))}
    />
  )
}
