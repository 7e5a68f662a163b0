import './images.css'
import { useState } from 'react'
import type { SwapPlan } from '../../src-shared/contract/guests'
import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { hasOwnRoot, type OperationCall } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { useGenerations, useGuests, useHost } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { OperationDialog } from '../jobs/OperationDialog'
import { usePlan } from '../jobs/use-plan'
import { Dialog, Field, LinkButton, LoadingRows, Note, ProblemNote } from '../ui'
import { Select } from '../ui/Select'
import { countWords, dayWords } from '../ui/words'
import { GuestChecklist } from './GuestChecklist'

type SwapDialogProps = { hostId: string; base: string; generation?: number; guestIds: readonly string[]; onClose(): void }

/** Moves guests to another generation of their base, with what that changes in sight. */
export function SwapDialog(props: SwapDialogProps) {
  const { hostId, base, onClose } = props
  const host = useHost(hostId)
  const guests = useGuests(hostId).filter(({ origin }) => origin?.base === base && !hasOwnRoot(origin.mode))
  const generations = useGenerations(hostId).filter((one) => one.base === base)
  const why = !host
    ? 'This host was removed.'
    : generations.length < 2
      ? `There is only one generation of ${base} on ${host.settings.name}. Edit it, or import another, to have one to swap to.`
      : guests.length === 0
        ? `No guest on ${host.settings.name} stands on ${base}.`
        : undefined
  if (!host || why !== undefined)
    return (
      <Dialog title={`Swap generations of ${base}`} onClose={onClose}>
        <div className="ask">{why}</div>
      </Dialog>
    )
  return <SwapForm {...props} host={host} guests={guests} />
}

function SwapForm({
  host,
  guests,
  base,
  generation,
  guestIds,
  onClose,
}: SwapDialogProps & { host: Host; guests: readonly Guest[] }) {
  const hostId = host.settings.id
  const generations = useGenerations(hostId).filter((one) => one.base === base)
  const [to, setTo] = useState(
    () =>
      generation ??
      firstTarget(
        generations.map((one) => one.generation),
        guests,
        guestIds,
      ),
  )
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(guestIds))
  const asked = guests.filter(({ id }) => chosen.has(id)).map(({ id }) => id)
  const start = useCall()
  const planned = usePlan(asked.length > 0 ? { hostId, base, generation: to, guestIds: asked } : undefined, (request, signal) =>
    currentClient().guests.planSwap(request, { signal }),
  )
  const plan = asked.length > 0 ? planned.plan : undefined
  const able = plan?.guests.filter(({ refused }) => refused === undefined) ?? []
  const calls = able.map(({ guestId, name }): { guestId: string; name: string; call: OperationCall } => ({
    guestId,
    name,
    call: { operation: 'guest.swap', input: { name, uuid: guestId, base, generation: to } },
  }))
  const [first] = calls
  const submit = async (): Promise<void> => {
    if (!first) return
    const begun = await start.run<unknown>(() =>
      calls.length === 1
        ? startOperation(hostId, first.call)
        : currentClient().bulk.start({
            title: `Swap ${countWords(calls.length, 'guest')} to generation ${to} of ${base}`,
            acts: calls.map((one) => ({ hostId, ...one })),
          }),
    )
    if (begun) onClose()
  }
  const others = guests.filter(({ origin }) => origin?.generation !== to)
  return (
    <OperationDialog
      title={`Swap generations of ${base}`}
      host={host}
      promise="Layers are not touched; the swap can be rolled back."
      verb={calls.length > 1 ? `Swap ${countWords(calls.length, 'guest')}` : 'Swap'}
      planned={first && plan && { call: first.call, script: plan.script, checks: [] }}
      stale={planned.pending || planned.problem !== undefined}
      busy={start.busy}
      onStart={submit}
      onClose={onClose}
      form={
        <>
          <Field label="To">
            <Select
              label="Generation"
              value={String(to)}
              options={generations.toReversed().map((one) => ({
                value: String(one.generation),
                label: `Generation ${one.generation}`,
                more: `of ${dayWords(one.importedAt)}, kernel ${one.kernelVersion}`,
              }))}
              onChange={(value) => setTo(Number(value))}
            />
          </Field>
          <div className="sw-h">
            <span>
              {asked.length} of {countWords(guests.length, 'guest')} on {base}
            </span>
            <span className="sp" />
            <LinkButton onClick={() => setChosen(new Set(others.map(({ id }) => id)))}>All that differ</LinkButton>
          </div>
          <GuestChecklist
            label="Guests to swap"
            guests={guests}
            chosen={chosen}
            beside={({ origin }) =>
              `generation ${origin?.generation}${origin?.next === undefined ? '' : `, ${origin.next} at its next start`}`
            }
            onChange={setChosen}
          />
          {asked.length === 0 && <p className="f3">Choose the guests that shall go there.</p>}
          {start.problem && <ProblemNote problem={start.problem} />}
        </>
      }
      aside={
        <section aria-label="What changes" aria-busy={planned.pending}>
          <h3 className="h3">
            What changes
            <span className="sp" />
            <span className="f3 pf-n" role="status">
              {planned.pending ? 'Comparing' : ''}
            </span>
          </h3>
          {planned.problem && <ProblemNote problem={planned.problem} />}
          {!plan && planned.pending && <LoadingRows rows={6} label="Comparing the generations" />}
          {!plan && !planned.pending && !planned.problem && <p className="f2">Nothing is chosen.</p>}
          {plan && <Changes plan={plan} to={to} />}
        </section>
      }
    />
  )
}

/** The newest that not all of the chosen guests stand on. */
function firstTarget(generations: readonly number[], guests: readonly Guest[], chosen: readonly string[]): number {
  const standing = new Set(guests.filter(({ id }) => chosen.includes(id)).map(({ origin }) => origin?.generation))
  const newestFirst = [...generations].sort((left, right) => right - left)
  return newestFirst.find((one) => standing.size !== 1 || !standing.has(one)) ?? newestFirst[0] ?? 1
}

const changeWords = { changed: 'changed', added: 'new', removed: 'gone' }

function Changes({ plan, to }: { plan: SwapPlan; to: number }) {
  return (
    <div className="sw">
      {plan.problem && (
        <Note tone="amber">
          What differs could not be seen: {plan.problem.detail} {plan.problem.hint}
        </Note>
      )}
      {plan.packages.map(({ from, changes }) => (
        <div key={from}>
          <h4>
            Packages, generation {from} to {to}
          </h4>
          {changes.length === 0 && <p className="f3">No package differs.</p>}
          {changes.length > 0 && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
            <ul className="sw-l" aria-label={`Packages that differ from generation ${from}`} tabIndex={0}>
              {changes.map((one) => (
                <li key={one.name}>
                  <span className="el" title={one.name}>
                    {one.name.replace(/:all$/, '')}
                  </span>
                  <span className={one.how === 'older' || one.how === 'removed' ? 'warn-t xs' : 'f3 xs'}>
                    {one.how === 'added' ? `new, ${one.new}` : one.how === 'removed' ? 'gone' : `${one.old} to ${one.new}`}
                    {one.how === 'older' && ', older'}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </div>
      ))}
      {plan.guests.map((one) => (
        <div key={one.guestId}>
          <h4>
            {one.name}
            <span className="f3"> {one.refused ? 'stays' : one.when === 'now' ? 'now' : 'at its next start'}</span>
          </h4>
          {one.refused && <Note tone="amber">{one.refused}</Note>}
          {!one.refused && one.misfits.length > 0 && (
            <Note tone="amber">
              {one.misfits.join(', ')} in its stack {one.misfits.length === 1 ? 'was' : 'were'} made for another generation:
              programs may miss what they were made with.
            </Note>
          )}
          {!one.refused && !one.encrypted && one.hidden === undefined && one.when === 'next-start' && (
            <p className="f3">It runs: which of its files hide a change can be seen when it is shut down.</p>
          )}
          {!one.refused && one.encrypted && (
            <p className="f3">Its layer is encrypted: which of its files hide a change can be seen only in the guest.</p>
          )}
          {one.unclean && (
            <Note tone="plain">
              The journal of its layer is still to be replayed, so the latest may be missing. Check the layer first.
            </Note>
          )}
          {one.hidden?.length === 0 && <p className="f3">None of its files hides a change.</p>}
          {one.hidden !== undefined && one.hidden.length > 0 && (
            <>
              <p className="warn-t">{countWords(one.hiddenCount, 'change is', 'changes are')} hidden by files of its own:</p>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
              <ul className="sw-l" aria-label={`Changes that ${one.name} hides`} tabIndex={0}>
                {one.hidden.map(({ path, change, by }) => (
                  <li key={path}>
                    <span className="mono el" title={path}>
                      {path}
                    </span>
                    <span className="f3 xs">
                      {changeWords[change]}
                      {by !== path && `, by ${by}`}
                    </span>
                  </li>
                ))}
              </ul>
              {one.hidden.some(({ path }) => path === '/var/lib/dpkg/status') && (
                <p className="f3">Its own package database goes on telling the old versions.</p>
              )}
            </>
          )}
        </div>
      ))}
    </div>
  )
}
