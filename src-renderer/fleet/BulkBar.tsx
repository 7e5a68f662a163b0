import { actOn, fitting, openGuestConsoles } from '../frame/guest-actions'
import { type GuestVerb, verbs } from '../guests/actions'
import { IconButton, Menu } from '../ui'
import { countWords } from '../ui/words'
import { choose } from './selection'
import { chosenGuests, useTree } from './tree-store'

/** What can be done to several guests at once. Shows while two or more are picked. */
export function BulkBar() {
  const { selection, select } = useTree()
  if (selection.picked.size < 2) return null
  const guests = chosenGuests()
  const consoles = guests.filter((guest) => guest.state === 'running')
  const entry = (verb: GuestVerb) => {
    const able = fitting(verb, guests).length
    const { label, icon } = verbs[verb]
    return {
      label: able > 0 && able < guests.length ? `${label} ${able} of ${guests.length}` : label,
      icon,
      danger: verbs[verb].asks,
      disabled: able === 0 ? 'fits none' : undefined,
      onSelect: () => actOn(verb, guests),
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
        label={`Reboot ${fitting('reboot', guests).length}`}
        size="m"
        disabled={fitting('reboot', guests).length === 0}
        onClick={() => actOn('reboot', guests)}
      />
      <IconButton
        icon="power"
        label={`Shut down ${fitting('shutdown', guests).length}`}
        size="m"
        disabled={fitting('shutdown', guests).length === 0}
        onClick={() => actOn('shutdown', guests)}
      />
      <Menu
        trigger={<IconButton icon="more" label="More" size="m" />}
        entries={[entry('start'), 'rule', entry('destroy'), entry('delete')]}
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
