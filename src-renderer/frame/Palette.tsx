import { Dialog } from '@base-ui/react/dialog'
import { Command as Base } from 'cmdk'
import { type ReactNode, useMemo, useRef, useState } from 'react'
import { maxRecent } from '../../src-shared/models/preferences'
import { guestFace, hostFace } from '../fleet/faces'
import { GuestGlyph } from '../fleet/GuestGlyph'
import { useFleet } from '../fleet/store'
import { reveal } from '../fleet/tree-store'
import { JobMark } from '../jobs/JobMark'
import { useJobs } from '../jobs/store'
import { outcome } from '../jobs/words'
import { HostGlyph, Icon, Kbd } from '../ui'
import { type Command, commands, commandsOf, guestCommands, rankCommand } from './commands'
import { useDock } from './dock'
import { showJob } from './happenings'
import { allGuests, type Found, mostGuests, mostHosts, pick, rank, rankGuest, ranks, readQuery, remember } from './palette-search'
import { usePreferences } from './preferences'

const mostCommands = 12
const mostJobs = 5
const mostRecent = 8

/** One line of the palette: what it shows, and what it does. */
type Item = { id: string; face: ReactNode; title: string; more?: string | undefined; keys?: string | undefined; run(): void }
type Group = Found<Item> & { heading: string }

/** Finds hosts, guests, commands and jobs by name; Enter goes there or does it. */
export function Palette({ onClose }: { onClose(): void }) {
  const [query, setQuery] = useState('')
  const { groups, more } = useGroups(query)
  const input = useRef<HTMLInputElement>(null)
  // Left to the dialog, the focus comes a frame later, and what is typed until then is lost.
  const focusNow = (): false => {
    input.current?.focus()
    return false
  }
  const choose = (item: Item): void => {
    const { recent, change } = usePreferences.getState()
    change({ recent: remember(recent, item.id, maxRecent) })
    onClose()
    item.run()
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Viewport className="dlg-port">
          <Dialog.Popup className="pal" aria-label="Search hosts, guests, commands" initialFocus={focusNow}>
            <Base shouldFilter={false} label="Search" loop>
              <Base.Input ref={input} value={query} onValueChange={setQuery} placeholder="Search hosts, guests, commands" />
              <Base.List label="Found">
                <Base.Empty>Nothing is named like that.</Base.Empty>
                {groups.map((group) => (
                  <Base.Group key={group.heading} heading={group.heading}>
                    {group.things.map((item) => (
                      <Base.Item key={item.id} value={`${group.heading} ${item.id}`} onSelect={() => choose(item)}>
                        {item.face}
                        <span className="el">{item.title}</span>
                        {item.more && <span className="f3 el">{item.more}</span>}
                        {item.keys && <Kbd keys={item.keys} />}
                      </Base.Item>
                    ))}
                  </Base.Group>
                ))}
              </Base.List>
              {more > 0 && <p className="pal-more f3">{more} more match. Type on to narrow it down.</p>}
            </Base>
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** What is shown for what was typed: the group with the best match first. */
function useGroups(typed: string): { groups: Group[]; more: number } {
  const hosts = useFleet((fleet) => fleet.hosts)
  const guests = useFleet((fleet) => fleet.guests)
  const jobs = useJobs((state) => state.jobs)
  const recent = usePreferences((preferences) => preferences.recent)
  const guestsOfAll = useMemo(() => allGuests({ hosts, guests }), [hosts, guests])
  const layouts = usePreferences((preferences) => preferences.layouts)
  const sequences = usePreferences((preferences) => preferences.sequences)
  // biome-ignore lint/correctness/useExhaustiveDependencies: both are among the commands, and may come after the palette was opened
  const all = useMemo(commands, [layouts, sequences])
  return useMemo(() => {
    const query = readQuery(typed)
    const place = new Map(recent.map((id, index) => [id, index]))
    const lately = (id: string): number => place.get(id) ?? Number.POSITIVE_INFINITY
    if (query.words.length === 0) return atFirst()

    const foundHosts = pick(
      hosts,
      (host) => rank(host.settings.name, query),
      mostHosts,
      (host) => lately(`host ${host.settings.id}`),
    )
    const foundGuests = pick(
      guestsOfAll,
      (one) => rankGuest(one, query),
      mostGuests,
      ({ guest }) => lately(`guest ${guest.hostId}/${guest.id}`),
    )
    const foundCommands = pick(
      all,
      (command) => rankCommand(command, query),
      mostCommands,
      ({ id, title }) => lately(id ?? title),
    )
    const foundJobs = pick(jobs, (job) => rank(job.title, query, true), mostJobs)
    const [first] = foundGuests.things
    const isOne = first && (foundGuests.best === ranks.exact || foundGuests.things.length === 1)
    const acts = [...guestCommands(guestsOfAll, query), ...(isOne ? commandsOf(first) : [])]
    const groups: Group[] = [
      { heading: 'Hosts', ...items(foundHosts, hostItem) },
      { heading: 'Guests', ...items(foundGuests, guestItem) },
      {
        heading: first && isOne ? first.guest.name : 'Guest actions',
        ...items({ things: acts, best: isOne ? foundGuests.best : ranks.begins, more: 0 }, commandItem),
      },
      { heading: 'Commands', ...items(foundCommands, commandItem) },
      { heading: 'Jobs', ...items({ ...foundJobs, more: 0 }, jobItem) },
    ]
    return {
      groups: groups.filter(({ things }) => things.length > 0).sort((left, right) => left.best - right.best),
      more: groups.reduce((sum, group) => sum + group.more, 0),
    }

    /** Before anything is typed: what was chosen lately, and where one may want to go. */
    function atFirst(): { groups: Group[]; more: number } {
      const known = new Map([
        ...hosts.map((host): [string, () => Item] => [`host ${host.settings.id}`, () => hostItem(host)]),
        ...guestsOfAll.map((one): [string, () => Item] => [`guest ${one.guest.hostId}/${one.guest.id}`, () => guestItem(one)]),
        ...all.map((command): [string, () => Item] => [command.id ?? command.title, () => commandItem(command)]),
      ])
      const chosen = recent.flatMap((id) => known.get(id)?.() ?? []).slice(0, mostRecent)
      const shown = new Set(chosen.map(({ id }) => id))
      const groups = [
        { heading: 'Recent', things: chosen },
        { heading: 'Hosts', things: hosts.slice(0, mostHosts).map(hostItem) },
        {
          heading: 'Commands',
          things: all
            .filter(({ id, title }) => !shown.has(id ?? title))
            .slice(0, mostCommands)
            .map(commandItem),
        },
      ]
      return {
        groups: groups.filter(({ things }) => things.length > 0).map((group) => ({ ...group, best: 0, more: 0 })),
        more: 0,
      }
    }
  }, [typed, hosts, guestsOfAll, all, jobs, recent])
}

function items<Thing>(found: Found<Thing>, item: (thing: Thing) => Item): Found<Item> {
  return { ...found, things: found.things.map(item) }
}

function hostItem(host: ReturnType<typeof useFleet.getState>['hosts'][number]): Item {
  const { id, name, simulated } = host.settings
  const { shape, state, reason } = hostFace(host)
  return {
    id: `host ${id}`,
    face: <HostGlyph shape={shape} label={state} />,
    title: name,
    more: [reason, simulated && 'simulated'].filter(Boolean).join(', '),
    run: () => {
      reveal(id)
      useDock.getState().showHost(id)
    },
  }
}

function guestItem({ guest, host }: ReturnType<typeof allGuests>[number]): Item {
  return {
    id: `guest ${guest.hostId}/${guest.id}`,
    face: <GuestGlyph face={guestFace(guest, undefined, host)} />,
    title: guest.name,
    more: host.settings.simulated ? `${host.settings.name}, simulated` : host.settings.name,
    run: () => reveal(guest.hostId, guest),
  }
}

function commandItem({ title, id = title, icon, more, keys, run }: Command): Item {
  return { id, face: <Icon name={icon} size="s" />, title, more, keys, run }
}

function jobItem(job: ReturnType<typeof useJobs.getState>['jobs'][number]): Item {
  return { id: `job ${job.id}`, face: <JobMark job={job} />, title: job.title, more: outcome(job), run: () => showJob(job.id) }
}
