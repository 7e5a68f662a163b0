import { type FormEvent, useState } from 'react'
import { type Host, reachSchema } from '../../src-shared/models/host'
import type { OperationCall } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { useFleet, useGenerations, useHost } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { Commands } from '../jobs/Commands'
import { CopyScript } from '../jobs/CopyScript'
import { usePlan } from '../jobs/use-plan'
import { WaitNote } from '../jobs/WaitNote'
import { Button, Checkbox, Dialog, EmptyState, Note, ProblemNote, TextInput } from '../ui'
import { countWords, sizeWords } from '../ui/words'
import { copyRefusal } from './base-rows'
import { CopyWay } from './CopyWay'

type CopyDialogProps = { hostId: string; base: string; generation: number; onClose(): void }

/** Copies a generation from its host to others, a job on each of them. */
export function CopyDialog({ hostId, base, generation, onClose }: CopyDialogProps) {
  const from = useHost(hostId)
  const one = useGenerations(hostId).find((each) => each.base === base && each.generation === generation)
  const hosts = useFleet((fleet) => fleet.hosts)
  const bases = useFleet((fleet) => fleet.bases)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [typed, setTyped] = useState('')
  const reach = typed.trim() === '' ? undefined : reachSchema.safeParse(typed)
  const at = reach?.success ? { reach: reach.data } : {}
  const { busy, problem, run } = useCall()
  const others = hosts
    .filter(({ settings }) => settings.id !== hostId)
    .map((host) => ({ host, refusal: one && copyRefusal(one, host, bases.get(host.settings.id) ?? []) }))
  const targets = others.filter(({ host, refusal }) => refusal === undefined && chosen.has(host.settings.id))
  const call: OperationCall | undefined = one &&
    from && {
      operation: 'image.copy',
      input: {
        base,
        generation,
        sha256: one.sha256,
        sizeBytes: one.sizeBytes,
        from: { hostId, name: from.settings.name, ...at },
      },
    }
  const first = targets[0]?.host
  const { plan } = usePlan(call && first ? { hostId: first.settings.id, call } : undefined, (asked, signal) =>
    currentClient().jobs.preview(asked, { signal }),
  )
  const away = from?.connection.phase !== 'ready'
  const blocked = away || reach?.success === false || targets.length === 0
  const choose = (id: string, on: boolean): void =>
    setChosen((before) => {
      const after = new Set(before)
      if (on) after.add(id)
      else after.delete(id)
      return after
    })
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (!call || busy || blocked) return
    const started = await run(async () => {
      for (const { host } of targets) {
        await startOperation(host.settings.id, call)
        // If the next one is refused, this one is not started again.
        choose(host.settings.id, false)
      }
      return true
    })
    if (started) onClose()
  }
  if (!from || !one)
    return (
      <Dialog title="Copy a base" onClose={onClose}>
        <div className="ask">This generation is no longer on the list.</div>
      </Dialog>
    )
  return (
    <Dialog
      title={`Copy generation ${generation} of ${base}`}
      beside={
        <span className="f2">
          from {from.settings.name}, {sizeWords(one.sizeBytes)}
        </span>
      }
      width={640}
      onClose={onClose}
      footer={
        <>
          <span className="f2">Nothing changes on {from.settings.name}.</span>
          <span className="sp" />
          {first && call && <CopyScript hostId={first.settings.id} call={call} />}
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form="copy-base" disabled={busy || blocked}>
            {targets.length > 1 ? `Copy to ${countWords(targets.length, 'host')}` : 'Copy'}
          </Button>
        </>
      }
    >
      <form id="copy-base" className="dform" noValidate onSubmit={(event) => void submit(event)}>
        {away && <Note tone="amber">{from.settings.name} is not connected, so nothing can be read from it now.</Note>}
        {others.length === 0 && <EmptyState>There is no other host in the fleet. Add one first.</EmptyState>}
        {others.length > 0 && (
          <ul className="left" aria-label="Hosts to copy to">
            {others.map(({ host, refusal }) => (
              <li key={host.settings.id}>
                <Checkbox
                  checked={refusal === undefined && chosen.has(host.settings.id)}
                  disabled={refusal !== undefined}
                  onChange={(on) => choose(host.settings.id, on)}
                >
                  <span className="left-n">
                    <span>{host.settings.name}</span>
                    <span className="f3">{refusal ?? roomWords(host)}</span>
                    {targets.some((one) => one.host === host) && !away && reach?.success !== false && (
                      <CopyWay hostId={host.settings.id} fromHostId={hostId} {...at} />
                    )}
                  </span>
                </Checkbox>
              </li>
            ))}
          </ul>
        )}
        {others.length > 0 && (
          <TextInput
            label={`Address of ${from.settings.name}`}
            value={typed}
            onChange={setTyped}
            mono
            placeholder="host or host:port"
            help="Where the other hosts reach it, if not where Domdeck does."
            error={reach?.error?.issues[0]?.message}
          />
        )}
        <p className="f2">
          A host that reaches {from.settings.name} reads the blocks from there: for that, Domdeck lends it its own login, once,
          and leaves no key. For any other they go through this Domdeck, which must stay open meanwhile and keeps nothing. What a
          host has already is not sent; a copy that is cut off goes on where it stood when it is started again.
        </p>
        {first && call && <WaitNote hostId={first.settings.id} call={call} />}
        {problem && <ProblemNote problem={problem} />}
      </form>
      {plan && first && <Commands host={first} script={plan.script} />}
    </Dialog>
  )
}

function roomWords({ facts }: Host): string {
  return facts ? `${sizeWords(facts.storageFreeBytes)} free` : 'connected'
}
