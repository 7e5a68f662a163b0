import './images.css'
import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { actOn, openGuestConsoles } from '../frame/guest-actions'
import { refusal } from '../guests/actions'
import { jobOf, useJobs } from '../jobs/store'
import { Button, Icon } from '../ui'
import { sizeWords } from '../ui/words'
import { askToDiscard, publishDraft } from './base-acts'

/** Bases of a host that are being edited, each with what comes next. */
export function Drafts({ host, guests }: { host: Host; guests: readonly Guest[] }) {
  const drafts = guests.filter(({ draft }) => draft)
  if (drafts.length === 0) return null
  return (
    <ul className="drafts" aria-label="Drafts">
      {drafts.map((guest) => (
        <Draft key={guest.id} guest={guest} host={host} />
      ))}
    </ul>
  )
}

function Draft({ guest, host }: { guest: Guest; host: Host }) {
  const { draft } = guest
  const busy = useJobs(({ jobs }) => jobOf(jobs, guest.hostId, guest.name) !== undefined)
  if (!draft) return null
  const ready = host.connection.phase === 'ready' && !busy
  const off = guest.state === 'halted'
  return (
    <li>
      <Icon name="pencil" size="s" className="f3" />
      <span className="el">
        Draft of <b>{draft.base}</b>, from generation {draft.generation}
      </span>
      <span className="f3">
        {off ? 'shut down' : guest.state}, {sizeWords(draft.allocatedBytes)} of {sizeWords(draft.sizeBytes)}
      </span>
      <span className="acts-g">
        {off ? (
          <>
            <Button size="xs" icon="play" disabled={!ready} onClick={() => actOn('start', [guest])}>
              Start
            </Button>
            <Button size="xs" icon="check" disabled={!ready} onClick={() => publishDraft(guest)}>
              Publish
            </Button>
          </>
        ) : (
          <>
            <Button size="xs" icon="console" disabled={!ready} onClick={() => openGuestConsoles([guest])}>
              Console
            </Button>
            <Button
              size="xs"
              icon="power"
              disabled={!ready || refusal('shutdown', guest, host) !== undefined}
              onClick={() => actOn('shutdown', [guest])}
            >
              Shut down
            </Button>
          </>
        )}
        <Button size="xs" icon="trash" disabled={!ready} onClick={() => askToDiscard(guest)}>
          Discard
        </Button>
      </span>
    </li>
  )
}
