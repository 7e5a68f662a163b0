import { keysNow } from '../frame/keys'
import { IconButton, Menu } from '../ui'
import { endBroadcast, useBroadcast } from './broadcaster'
import { focusedPane } from './layout'
import { perform } from './perform'
import { useConsoles } from './store'

/** Groups and broadcast, for the bar of tabs above the dock. */
export function BroadcastMenu() {
  const isOn = useBroadcast(({ on }) => on !== undefined)
  const none = useConsoles((state) => focusedPane(state) === undefined)
  return (
    <Menu
      trigger={
        <IconButton
          icon="broadcast"
          iconSize="s"
          label={isOn ? 'Broadcast is on' : 'Broadcast and groups'}
          className={isOn ? 'cast-on' : ''}
          disabled={none && !isOn}
        />
      }
      entries={() => {
        const { panes, ...layout } = useConsoles.getState()
        const group = panes.get(focusedPane(layout) ?? '')?.group
        return [
          {
            label: 'Broadcast to all panes',
            icon: 'broadcast',
            keys: keysNow('broadcast-all'),
            onSelect: () => perform({ act: 'broadcast', mode: 'all' }),
          },
          {
            label: group ? `Broadcast to ${group.name}` : 'Broadcast to the group',
            icon: 'broadcast',
            keys: keysNow('broadcast-group'),
            ...(group ? {} : { disabled: 'the pane is in none' }),
            onSelect: () => perform({ act: 'broadcast', mode: 'group' }),
          },
          {
            label: 'End the broadcast',
            icon: 'close',
            keys: keysNow('broadcast-off'),
            ...(isOn ? {} : { disabled: 'off' }),
            onSelect: endBroadcast,
          },
          'rule',
          {
            label: 'Group all panes',
            icon: 'layers',
            keys: keysNow('group-all'),
            onSelect: () => perform({ act: 'group', of: 'all' }),
          },
          { label: 'Ungroup all panes', keys: keysNow('ungroup-all'), onSelect: () => perform({ act: 'ungroup', of: 'all' }) },
          {
            label: 'Group the panes of the tab',
            icon: 'layers',
            keys: keysNow('group-tab'),
            onSelect: () => perform({ act: 'group', of: 'tab' }),
          },
          {
            label: 'Ungroup the panes of the tab',
            keys: keysNow('ungroup-tab'),
            onSelect: () => perform({ act: 'ungroup', of: 'tab' }),
          },
          'rule',
          {
            label: 'Insert the number of the pane',
            keys: keysNow('insert-number'),
            onSelect: () => perform({ act: 'number', padded: false }),
          },
          {
            label: 'Insert the padded number',
            keys: keysNow('insert-padded'),
            onSelect: () => perform({ act: 'number', padded: true }),
          },
        ]
      }}
    />
  )
}
