import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useState } from 'react'
import { type Guest, isOff } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { hasOwnRoot } from '../../src-shared/operations'
import { guestFace } from '../fleet/faces'
import { GuestGlyph } from '../fleet/GuestGlyph'
import { reveal } from '../fleet/tree-store'
import { actOn, openGuestConsoles } from '../frame/guest-actions'
import { type GuestVerb, refusal, verbs } from '../guests/actions'
import { modeNames } from '../guests/modes'
import { jobOf, useJobs } from '../jobs/store'
import { EmptyState, GuestName, Icon, IconButton, LinkButton, LoadingRows, Menu, TableSpacer } from '../ui'
import { memoryWords, sizeWords } from '../ui/words'

/** All guests of a host, with a filter of their own. */
export function HostGuests({ host, guests }: { host: Host; guests: readonly Guest[] }) {
  const [filter, setFilter] = useState('')
  const shown = guests.filter((guest) => guest.name.toLowerCase().includes(filter.trim().toLowerCase()))
  return (
    <>
      {guests.length > 0 && (
        <div className="field hg-f">
          <Icon name="filter" size="s" />
          <input
            type="text"
            aria-label={`Filter the guests of ${host.settings.name}`}
            placeholder="Filter by name"
            spellCheck={false}
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        </div>
      )}
      {shown.length === 0 && guests.length > 0 ? (
        <EmptyState action={<LinkButton onClick={() => setFilter('')}>Clear the filter</LinkButton>}>
          No guest matches.
        </EmptyState>
      ) : (
        <GuestsTable guests={shown} host={host} />
      )}
    </>
  )
}

const rowHeight = 28
/** Tables longer than this are drawn in part. */
const plainRows = 100

/** Guests of one host as a table. */
export function GuestsTable({ guests, host }: { guests: readonly Guest[]; host: Host }) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: guests.length,
    getScrollElement: () => scroller.current?.closest('.hb') ?? null,
    estimateSize: () => rowHeight,
    overscan: 20,
    enabled: guests.length > plainRows,
  })
  if (host.asOf === undefined) return <LoadingRows rows={5} height={rowHeight} label="Reading the guests" />
  if (guests.length === 0) return <EmptyState>No guests on {host.settings.name} yet.</EmptyState>
  const items = virtual.getVirtualItems()
  const from = guests.length > plainRows ? (items[0]?.index ?? 0) : 0
  const to = guests.length > plainRows ? (items.at(-1)?.index ?? 40) + 1 : guests.length
  return (
    <div ref={scroller}>
      <table className="tbl gtbl" aria-rowcount={guests.length + 1}>
        <thead>
          <tr>
            <th>Guest</th>
            <th>State</th>
            <th className="n">domid</th>
            <th className="n">Memory</th>
            <th className="n">vCPU</th>
            <th>Type</th>
            <th>Disk</th>
            <th>Network</th>
            <th>
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <TableSpacer rows={from} rowHeight={rowHeight} />
          {guests.slice(from, to).map((guest, index) => (
            <GuestLine key={guest.id} guest={guest} host={host} at={from + index + 2} />
          ))}
          <TableSpacer rows={guests.length - to} rowHeight={rowHeight} />
        </tbody>
      </table>
    </div>
  )
}

const menuVerbs: readonly GuestVerb[] = ['start', 'reboot', 'shutdown']

function GuestLine({ guest, host, at }: { guest: Guest; host: Host; at: number }) {
  const job = useJobs((state) => jobOf(state.jobs, guest.hostId, guest.name))
  const face = guestFace(guest, job, host)
  const entry = (verb: GuestVerb) => ({
    label: verbs[verb].label,
    icon: verbs[verb].icon,
    danger: verbs[verb].asks,
    disabled: refusal(verb, guest, host),
    onSelect: () => actOn(verb, [guest]),
  })
  const [nic] = guest.nics
  return (
    <tr aria-rowindex={at}>
      <td>
        <span className="c">
          <GuestGlyph face={face} label="" />
          <LinkButton
            className="plain el"
            title={[guest.name, guest.note].filter(Boolean).join('\n')}
            onClick={() => reveal(guest.hostId, guest)}
          >
            <GuestName name={guest.name} />
          </LinkButton>
          {guest.origin?.encrypted && (
            <span className="f3" role="img" aria-label="encrypted layer" title="encrypted layer">
              <Icon name="lock" size="s" />
            </span>
          )}
          {guest.tags && (
            <span className="f3 el" title={guest.tags.join(', ')}>
              {guest.tags.join(', ')}
            </span>
          )}
        </span>
      </td>
      <td className={face.tone || 'f2'} title={face.past}>
        {face.word}
      </td>
      <td className="n f2">{guest.domid ?? ''}</td>
      <td className="n">{memoryWords(guest.memoryMb)}</td>
      <td className="n">{guest.vcpus}</td>
      <td className="f2">{guest.type?.toUpperCase() ?? ''}</td>
      <td className="f2 el" title={diskWords(guest)}>
        {diskWords(guest)}
      </td>
      <td className="f2">{nic ? `${nic.bridge}${guest.nics.length > 1 ? ` +${guest.nics.length - 1}` : ''}` : ''}</td>
      <td className="acts-c">
        <IconButton
          icon="console"
          iconSize="s"
          label={`Console of ${guest.name}`}
          disabled={isOff(guest) || host.connection.phase !== 'ready'}
          onClick={() => openGuestConsoles([guest])}
        />
        <Menu
          trigger={<IconButton icon="more" iconSize="s" label={`More for ${guest.name}`} />}
          entries={[...menuVerbs.map(entry), 'rule', entry('destroy'), entry('delete')]}
        />
      </td>
    </tr>
  )
}

function diskWords(guest: Guest): string {
  const { origin } = guest
  if (!origin) return guest.disks[0]?.target ?? ''
  const { base, generation, mode, encrypted } = origin
  const size = sizeWords(origin.layerAllocatedBytes)
  if (!hasOwnRoot(mode)) return `${base} ${generation} + ${mode === 'overlay' || encrypted ? size : 'RAM'}`
  return `${modeNames[mode]} of ${base} ${generation}, ${size}`
}
