import { useDeferredValue, useMemo } from 'react'
import type { Guest } from '../../src-shared/models/guest'
import { showDialog } from '../frame/dialogs'
import { openGuestConsoles, openGuestsTogether } from '../frame/guest-actions'
import { IconButton, Menu, type MenuEntry } from '../ui'
import { countWords } from '../ui/words'
import { type BulkVerb, bulkRefusal, bulkVerbs } from './bulk-acts'
import { guestKey } from './rows'
import { choose } from './selection'
import { type Fleet, useFleet } from './store'
import { useTree } from './tree-store'

/** No memory and no vCPUs that a guest has, and no tags: what is asked for comes in the dialog. */
const anyInput = { memoryMb: 0, vcpus: 0, tags: [] }

/** What can be done to several guests at once. Shows while two or more are picked. */
export function BulkBar() {
  const isShown = useTree(({ selection }) => selection.picked.size > 1)
  return isShown ? <Bar /> : null
}

function Bar() {
  const { selection, select } = useTree()
  // Thousands may be picked while guests change all the time: what is typed or clicked comes first.
  const hosts = useDeferredValue(useFleet((fleet) => fleet.hosts))
  const all = useDeferredValue(useFleet((fleet) => fleet.guests))
  const { guests, fits } = useMemo(() => whomItFits({ hosts, guests: all }, selection.picked), [hosts, all, selection.picked])
  const consoles = guests.filter((guest) => guest.state === 'running')
  const able = (verb: BulkVerb): number => fits.get(verb) ?? 0
  const open = (verb: BulkVerb): void => showDialog({ kind: 'bulk', verb, guests })
  const entry = (verb: BulkVerb): MenuEntry => {
    const count = able(verb)
    const { label, icon, asks } = bulkVerbs[verb]
    return {
      label: count > 0 && count < guests.length ? `${label}: ${count} of ${guests.length}` : label,
      icon,
      danger: asks,
      disabled: count === 0 ? 'fits none' : undefined,
      onSelect: () => open(verb),
    }
  }
  return (
    <div className="bulk" role="toolbar" aria-label={`${countWords(guests.length, 'guest')} selected`}>
      <span className="n">{guests.length} selected</span>
      <IconButton
        icon="console"
        label={`Open ${countWords(consoles.length, 'console')}`}
        size="m"
        disabled={consoles.length === 0}
        onClick={() => openGuestConsoles(consoles)}
      />
      <IconButton
        icon="reboot"
        label={`Reboot ${able('reboot')}`}
        size="m"
        disabled={able('reboot') === 0}
        onClick={() => open('reboot')}
      />
      <IconButton
        icon="power"
        label={`Shut down ${able('shutdown')}`}
        size="m"
        disabled={able('shutdown') === 0}
        onClick={() => open('shutdown')}
      />
      <Menu
        trigger={<IconButton icon="more" label="More" size="m" />}
        entries={[
          ...consoleEntries(consoles),
          'rule',
          ...(['start', 'pause', 'unpause', 'save'] as const).map(entry),
          'rule',
          ...(['autostart-on', 'autostart-off', 'memory', 'vcpus'] as const).map(entry),
          'rule',
          ...(['tag', 'untag', 'adopt'] as const).map(entry),
          'rule',
          ...(['discard', 'destroy', 'delete'] as const).map(entry),
        ]}
      />
      <span className="vr" />
      <IconButton
        icon="close"
        label="Clear selection"
        size="m"
        onClick={() => select(selection.current ? choose(selection.current) : { ...selection, picked: new Set() })}
      />
    </div>
  )
}

/** The picked guests, and how many of them each verb makes sense for. */
function whomItFits(fleet: Pick<Fleet, 'hosts' | 'guests'>, picked: ReadonlySet<string>) {
  const hosts = new Map(fleet.hosts.map((host) => [host.settings.id, host]))
  const guests = fleet.hosts.flatMap(({ settings }) =>
    (fleet.guests.get(settings.id) ?? []).filter((guest) => picked.has(guestKey(guest))),
  )
  const fits = new Map<BulkVerb, number>()
  for (const verb of Object.keys(bulkVerbs) as BulkVerb[]) {
    const able = guests.filter((guest) => bulkRefusal(verb, guest, hosts.get(guest.hostId), anyInput) === undefined)
    fits.set(verb, able.length)
  }
  return { guests, fits }
}

function consoleEntries(guests: readonly Guest[]): MenuEntry[] {
  const few = guests.length < 2 ? { disabled: 'too few run' } : {}
  const consoles = countWords(guests.length, 'console')
  return [
    { label: `Open ${consoles} as a grid`, icon: 'split-right', ...few, onSelect: () => openGuestsTogether(guests, 'grid') },
    { label: `Open ${consoles} as tabs`, icon: 'console', ...few, onSelect: () => openGuestsTogether(guests, 'tabs') },
  ]
}
