import { useMemo, useState } from 'react'
import type { Guest } from '../../src-shared/models/guest'
import { tagsSchema } from '../../src-shared/models/guest'
import { ConfirmDialog, Field, NumberStepper, TextInput } from '../ui'
import { countWords } from '../ui/words'
import { startBulk } from './bulk-actions'
import { type BulkInput, type BulkVerb, bulkTitle, bulkVerbs, bulkWords, countToType, planBulk } from './bulk-acts'
import { groupByHost, hostById, useFleet } from './store'

type BulkDialogProps = { verb: BulkVerb; guests: readonly Guest[]; onClose(): void }

/** Asks before something is done to many guests: what it means, which of them it is for, and which are skipped and why. */
export function BulkDialog({ verb, guests: chosen, onClose }: BulkDialogProps) {
  const fleet = useFleet()
  // What was chosen may have changed while the dialog is open; what is gone is no longer asked about.
  const guests = useMemo(
    () => chosen.flatMap(({ hostId, id }) => fleet.guests.get(hostId)?.find((guest) => guest.id === id) ?? []),
    [chosen, fleet.guests],
  )
  const [memoryMb, setMemory] = useState(() => chosen[0]?.memoryMb ?? 512)
  const [vcpus, setVcpus] = useState(() => chosen[0]?.vcpus ?? 1)
  const [text, setText] = useState('')
  const tags = tagsSchema.safeParse([...new Set(text.split(/[\s,]+/).filter(Boolean))])
  const input: BulkInput = { memoryMb, vcpus, tags: tags.data ?? [] }
  const plan = planBulk(verb, guests, (hostId) => hostById(fleet, hostId), input)
  const words = bulkWords(verb, plan.able.length > 0 ? plan.able : guests)
  const needsTags = verb === 'tag' || verb === 'untag'
  const isComplete = plan.acts.length > 0 && (!needsTags || input.tags.length > 0)
  return (
    <ConfirmDialog
      title={words.title}
      verb={verb === 'discard' ? 'Discard' : bulkVerbs[verb].label}
      kind={bulkVerbs[verb].asks ? 'danger' : 'primary'}
      count={countToType(verb, plan.able.length)}
      disabled={!isComplete}
      onConfirm={() => startBulk(bulkTitle(verb, plan.able.length, input), plan)}
      onClose={onClose}
    >
      <p>{words.text}</p>
      {verb === 'memory' && (
        <Field label="Memory">
          <NumberStepper
            label="Memory"
            unit="MB"
            width={140}
            value={memoryMb}
            min={16}
            max={4_194_304}
            step={64}
            onChange={setMemory}
          />
        </Field>
      )}
      {verb === 'vcpus' && (
        <Field label="vCPUs">
          <NumberStepper label="vCPUs" value={vcpus} min={1} max={128} onChange={setVcpus} />
        </Field>
      )}
      {needsTags && (
        <TextInput
          label="Tags"
          value={text}
          onChange={setText}
          placeholder="prod eu-west"
          error={tags.success ? undefined : tags.error.issues[0]?.message}
        />
      )}
      <HostNames guests={plan.able} />
      {plan.skipped.length > 0 && (
        <details className="skipped" open={plan.skipped.length <= 5}>
          <summary>{countWords(plan.skipped.length, 'guest is', 'guests are')} skipped</summary>
          <ul>
            {plan.skipped.slice(0, mostNames).map(({ guest, reason }) => (
              <li key={`${guest.hostId}/${guest.id}`}>
                <span className="el">{guest.name}</span> <span className="f3">{reason}</span>
              </li>
            ))}
            {plan.skipped.length > mostNames && <li className="f3">and {plan.skipped.length - mostNames} more</li>}
          </ul>
        </details>
      )}
    </ConfirmDialog>
  )
}

/** More names than this help nobody. */
const mostNames = 200

function HostNames({ guests }: { guests: readonly Guest[] }) {
  const fleet = useFleet()
  if (guests.length === 0) return <p className="f3">It fits none of them now.</p>
  const byHost = groupByHost(guests)
  return (
    <dl className="names-list by-host">
      {[...byHost].map(([hostId, ofHost]) => (
        <div key={hostId}>
          <dt>
            {hostById(fleet, hostId)?.settings.name ?? hostId} <span className="f3">{ofHost.length}</span>
          </dt>
          <dd>
            {ofHost
              .slice(0, mostNames)
              .map(({ name }) => name)
              .join(', ')}
            {ofHost.length > mostNames && ` and ${ofHost.length - mostNames} more`}
          </dd>
        </div>
      ))}
    </dl>
  )
}
