import { Dialog } from '@base-ui/react/dialog'
import { Command } from 'cmdk'
import { useMemo, useRef, useState } from 'react'
import { guestFace, hostFace } from '../fleet/faces'
import { GuestGlyph } from '../fleet/GuestGlyph'
import { useFleet } from '../fleet/store'
import { reveal } from '../fleet/tree-store'
import { HostGlyph, Icon } from '../ui'
import { commands } from './commands'
import { useDock } from './dock'
import { matchesCommand, searchFleet } from './palette-search'

const mostCommands = 12

/** Finds hosts, guests and commands by name; Enter goes there or does it. */
export function Palette({ onClose }: { onClose(): void }) {
  const [query, setQuery] = useState('')
  const hosts = useFleet((fleet) => fleet.hosts)
  const guests = useFleet((fleet) => fleet.guests)
  const found = useMemo(() => searchFleet({ hosts, guests }, query), [hosts, guests, query])
  const all = useMemo(commands, [])
  const fitting = all.filter((command) => matchesCommand(command.title, query)).slice(0, mostCommands)
  const input = useRef<HTMLInputElement>(null)
  // Left to the dialog, the focus comes a frame later, and what is typed until then is lost.
  const focusNow = (): false => {
    input.current?.focus()
    return false
  }
  const choose = (act: () => void) => (): void => {
    onClose()
    act()
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Viewport className="dlg-port">
          <Dialog.Popup className="pal" aria-label="Search hosts, guests, commands" initialFocus={focusNow}>
            <Command shouldFilter={false} label="Search" loop>
              <Command.Input ref={input} value={query} onValueChange={setQuery} placeholder="Search hosts, guests, commands" />
              <Command.List label="Found">
                <Command.Empty>Nothing is named like that.</Command.Empty>
                {found.hosts.length > 0 && (
                  <Command.Group heading="Hosts">
                    {found.hosts.map((host) => (
                      <Command.Item
                        key={host.settings.id}
                        value={`host ${host.settings.id}`}
                        onSelect={choose(() => {
                          reveal(host.settings.id)
                          useDock.getState().showHost(host.settings.id)
                        })}
                      >
                        <HostGlyph shape={hostFace(host).shape} label={hostFace(host).state} />
                        <span className="el">{host.settings.name}</span>
                        <span className="f3">
                          {[hostFace(host).reason, host.settings.simulated && 'simulated'].filter(Boolean).join(', ')}
                        </span>
                      </Command.Item>
                    ))}
                  </Command.Group>
                )}
                {found.guests.length > 0 && (
                  <Command.Group heading="Guests">
                    {found.guests.map(({ guest, host }) => (
                      <Command.Item
                        key={`${guest.hostId}/${guest.id}`}
                        value={`${guest.hostId}/${guest.id}`}
                        onSelect={choose(() => reveal(guest.hostId, guest))}
                      >
                        <GuestGlyph face={guestFace(guest, undefined, host)} />
                        <span className="el">{guest.name}</span>
                        <span className="f3">
                          {host.settings.simulated ? `${host.settings.name}, simulated` : host.settings.name}
                        </span>
                      </Command.Item>
                    ))}
                  </Command.Group>
                )}
                {fitting.length > 0 && (
                  <Command.Group heading="Commands">
                    {fitting.map((command) => (
                      <Command.Item key={command.title} value={command.title} onSelect={choose(command.run)}>
                        <Icon name={command.icon} size="s" />
                        {command.title}
                      </Command.Item>
                    ))}
                  </Command.Group>
                )}
              </Command.List>
              {found.more > 0 && <p className="pal-more f3">{found.more} more match. Type on to narrow it down.</p>}
            </Command>
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
