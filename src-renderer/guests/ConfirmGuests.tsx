import type { Guest } from '../../src-shared/models/guest'
import { startAll } from '../frame/guest-actions'
import { WaitNote } from '../jobs/WaitNote'
import { ConfirmDialog } from '../ui'
import { type AskingVerb, confirmWords, operationFor, verbs } from './actions'

type ConfirmGuestsProps = { verb: AskingVerb; guests: readonly Guest[]; onClose(): void }

/** Asks before guests are destroyed or deleted. */
export function ConfirmGuests({ verb, guests, onClose }: ConfirmGuestsProps) {
  const { title, text } = confirmWords(verb, guests)
  return (
    <ConfirmDialog
      title={title}
      verb={verb === 'discard' ? 'Discard' : verbs[verb].label}
      count={guests.length}
      onConfirm={() => startAll(verb, guests)}
      onClose={onClose}
    >
      <p>{text}</p>
      {guests.length === 1 &&
        guests.map((guest) => <WaitNote key={guest.id} hostId={guest.hostId} call={operationFor(verb, guest)} />)}
      {guests.length > 1 && <p className="names-list">{guests.map((guest) => guest.name).join(', ')}</p>}
    </ConfirmDialog>
  )
}
