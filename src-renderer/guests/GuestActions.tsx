import { type Guest, isOff } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { sequenceEntry, sshEntry } from '../consoles/shell-menu'
import { useGenerations } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { actOn, changeGuest, openGuestConsoles } from '../frame/guest-actions'
import { copyLink, guestLink } from '../frame/links'
import { Button, Menu } from '../ui'
import { diskRefusal, type GuestVerb, moveRefusal, refusal, verbs } from './actions'
import { bootRefusal } from './boot-form'
import { changeRefusal, changeWords, type GuestChange } from './changes'
import { layerMenu } from './layer-acts'
import { mendRefusal } from './mend-acts'

/** The buttons of a guest, and the menu with the rest of what can be done to it. */
export function GuestActions({ guest, host }: { guest: Guest; host: Host }) {
  const generations = useGenerations(guest.hostId)
  const ready = host.connection.phase === 'ready'
  const halted = isOff(guest)
  const { origin } = guest
  const button = (verb: GuestVerb, kind: 'plain' | 'primary' = 'plain', className?: string) => {
    const why = refusal(verb, guest, host)
    const { label, icon } = verbs[verb]
    return (
      <Button
        kind={kind}
        icon={icon}
        className={className}
        disabled={why !== undefined}
        title={why}
        onClick={() => actOn(verb, [guest])}
      >
        {label}
      </Button>
    )
  }
  const entry = (verb: GuestVerb) => ({
    label: verbs[verb].label,
    icon: verbs[verb].icon,
    danger: verbs[verb].asks,
    disabled: refusal(verb, guest, host),
    onSelect: () => actOn(verb, [guest]),
  })
  const change = (one: GuestChange) => ({
    label: changeWords[one].label,
    icon: changeWords[one].icon,
    disabled: changeRefusal(one, guest, host),
    onSelect: () => changeGuest(guest, one),
  })
  const link = { label: 'Copy link', icon: 'copy' as const, onSelect: () => copyLink(guestLink(guest, host.settings.name)) }
  return (
    <div className="acts">
      {halted ? (
        button('start', 'primary', 'w')
      ) : guest.state === 'paused' ? (
        button('unpause', 'primary', 'w')
      ) : (
        <Button kind="primary" icon="console" className="w" disabled={!ready} onClick={() => openGuestConsoles([guest])}>
          Console
        </Button>
      )}
      <Button
        icon="clone"
        className="w"
        disabled={!ready || generations.length === 0}
        title={generations.length === 0 ? 'This host has no base yet' : undefined}
        onClick={() =>
          showDialog({
            kind: 'clone',
            hostId: guest.hostId,
            ...(origin ? { base: { name: origin.base, generation: origin.generation } } : {}),
          })
        }
      >
        Clone &amp; boot
      </Button>
      {button('reboot')}
      {button('shutdown')}
      <Menu
        trigger={<Button icon="more">More</Button>}
        entries={[
          entry('start'),
          guest.state === 'paused' ? entry('unpause') : entry('pause'),
          entry('save'),
          sequenceEntry(guest.hostId, guest.id, guest.name),
          sshEntry(guest.hostId, guest.id),
          {
            label: 'Move to another host',
            icon: 'network',
            disabled: moveRefusal(guest, host),
            onSelect: () => showDialog({ kind: 'migrate', hostId: guest.hostId, guestId: guest.id }),
          },
          {
            label: 'Export a disk',
            icon: 'download',
            disabled: diskRefusal(guest, host),
            onSelect: () => showDialog({ kind: 'export', hostId: guest.hostId, source: { guestId: guest.id } }),
          },
          ...(origin
            ? []
            : [
                {
                  label: 'Make a base of its disk',
                  icon: 'layers',
                  disabled: diskRefusal(guest, host),
                  onSelect: () => showDialog({ kind: 'import', hostId: guest.hostId, image: guest.disks[0]?.target ?? '' }),
                } as const,
              ]),
          {
            label: 'How it boots',
            icon: 'power',
            disabled: bootRefusal(guest, host),
            onSelect: () => showDialog({ kind: 'boot', hostId: guest.hostId, guestId: guest.id }),
          },
          {
            label: 'Disks and console',
            icon: 'check',
            disabled: mendRefusal(guest, host),
            onSelect: () => showDialog({ kind: 'mend', hostId: guest.hostId, source: { guestId: guest.id } }),
          },
          change('rename'),
          ...layerMenu(guest).filter((one) => one !== 'rule' && !one.danger),
          ...(origin || guest.adopted || guest.draft ? [] : [entry('adopt')]),
          {
            label: 'Logs',
            icon: 'code',
            disabled: ready ? undefined : 'host not connected',
            onSelect: () => showDialog({ kind: 'logs', hostId: guest.hostId, guestId: guest.id }),
          },
          link,
          'rule',
          ...(guest.state === 'saved' ? [entry('discard')] : []),
          entry('destroy'),
          entry('delete'),
        ]}
      />
    </div>
  )
}
