import { useRef, useState } from 'react'
import { expandGuestNames } from '../../src-shared/guest-names'
import type { Generation } from '../../src-shared/models/base'
import type { Host } from '../../src-shared/models/host'
import type { Sequence } from '../../src-shared/models/sequence'
import { type CloneRequest, isEncrypted, maxClones } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { openConsoles } from '../consoles/open'
import { hostById, useFleet } from '../fleet/store'
import { attempt } from '../frame/notices'
import { onDone, startOperation } from '../jobs/actions'
import { OperationDialog } from '../jobs/OperationDialog'
import { Preflight } from '../jobs/Preflight'
import { usePlan } from '../jobs/use-plan'
import { sequencesFor, startSequence, usualAnswers } from '../sequences/runs'
import { SequenceFields } from '../sequences/SequenceFields'
import { Checkbox, Dialog, Field, GuestName, ProblemNote, Segmented, TextInput } from '../ui'
import { NumberStepper } from '../ui/NumberStepper'
import { Select } from '../ui/Select'
import { CloneModeFields } from './CloneModeFields'
import { bytes, firstRequest, newestGenerations, onBase, requestErrors } from './clone-form'
import { EncryptionFields } from './EncryptionFields'

type CloneDialogProps = {
  hostId: string
  /** The generation to start from; the newest of the first base otherwise. */
  base?: { name: string; generation: number } | undefined
  onClose(): void
}

const noGenerations: readonly Generation[] = []

/** One click from a base to running guests: what to make, what was checked, and the exact commands. */
export function CloneDialog({ hostId, base, onClose }: CloneDialogProps) {
  const host = useFleet((fleet) => hostById(fleet, hostId))
  const generations = useFleet((fleet) => fleet.bases.get(hostId)) ?? noGenerations
  const first =
    generations.find((one) => one.base === base?.name && one.generation === base.generation) ?? newestGenerations(generations)[0]
  if (!host || !first)
    return (
      <Dialog title="Clone and boot" onClose={onClose}>
        <div className="ask">
          {host ? `${host.settings.name} has no base yet. Import one first, under Images on its page.` : 'This host was removed.'}
        </div>
      </Dialog>
    )
  return <CloneForm host={host} generations={generations} first={first} onClose={onClose} />
}

type CloneFormProps = { host: Host; generations: readonly Generation[]; first: Generation; onClose(): void }

function CloneForm({ host, generations, first, onClose }: CloneFormProps) {
  const [request, setRequest] = useState<CloneRequest>(() => firstRequest(host, first))
  const [openThem, setOpenThem] = useState(true)
  const [then, setThen] = useState<Sequence>()
  const [answers, setAnswers] = useState<Record<string, string>>({})
  const [tried, setTried] = useState(false)
  const start = useCall()
  const names = useRef<HTMLInputElement>(null)
  const change = (part: Partial<CloneRequest>): void => setRequest((before) => ({ ...before, ...part }))
  const hostId = host.settings.id

  const errors = requestErrors(request)
  const valid = Object.keys(errors).length === 0
  const planned = usePlan(valid ? request : undefined, (asked, signal) =>
    currentClient().guests.planClone({ hostId, request: asked }, { signal }),
  )
  // What was planned before says nothing about a form that is wrong.
  const plan = valid ? planned.plan : undefined
  const named = valid ? expandGuestNames(request.pattern, request.count) : undefined
  const guests = named && 'names' in named ? named.names : []
  const chosen = generations.find((one) => one.base === request.base && one.generation === request.generation) ?? first
  const newest = Math.max(...generations.filter((one) => one.base === request.base).map((one) => one.generation))

  const submit = async (): Promise<void> => {
    if (!plan) return
    setTried(true)
    if (then?.fields.some(({ name }) => !answers[name])) return
    const job = await start.run(() => startOperation(hostId, { operation: 'guest.clone', input: plan.input }))
    if (!job) return
    if (then) {
      const made = plan.input.guests.map(({ name, uuid }) => ({ hostId, guestId: uuid, name }))
      void attempt(`Run ${then.name}`, () => startSequence(then, answers, made))
    }
    if (openThem) {
      const idOf = new Map(plan.input.guests.map((guest) => [guest.name, guest.uuid]))
      onDone(job.id, (name) => openConsoles([{ hostId, guestId: idOf.get(name) ?? name, name }]))
    }
    onClose()
  }

  return (
    <OperationDialog
      title="Clone and boot"
      host={host}
      promise="If a step fails, everything made so far is removed."
      verb="Clone & boot"
      planned={plan && { ...plan, call: { operation: 'guest.clone', input: plan.input } }}
      stale={!valid || planned.pending}
      busy={start.busy}
      commandsOpen
      initialFocus={names}
      onStart={submit}
      onClose={onClose}
      form={
        <>
          <Field label="Base">
            <Select
              label="Base"
              tall
              icon="layers"
              value={`${request.base}/${request.generation}`}
              options={generations.map((one) => ({
                value: `${one.base}/${one.generation}`,
                label: `${one.base} - generation ${one.generation}`,
                more: `${bytes(one.sizeBytes)}, read-only, shared by ${one.guests}`,
                tag: one.base === request.base && newest > one.generation ? `newest is ${newest}` : undefined,
              }))}
              onChange={(value) => {
                const next = generations.find((one) => `${one.base}/${one.generation}` === value)
                if (next) change(onBase(request, next))
              }}
            />
          </Field>
          <div className="names">
            <TextInput
              label="Names"
              value={request.pattern}
              onChange={(pattern) => change({ pattern })}
              error={errors.pattern ?? errors.count}
              help={guests.length === 0 ? 'web-{08..} counts up from web-08.' : undefined}
              inputRef={names}
            />
            <NumberStepper
              label="How many"
              value={request.count}
              min={1}
              max={maxClones}
              keepsTyped
              width={88}
              invalid={errors.count !== undefined}
              onChange={(count) => change({ count })}
            />
          </div>
          {guests.length > 0 && (
            <Field label="">
              <ul className="prev" aria-label="Names of the guests">
                {guests.slice(0, guests.length > 8 ? 7 : 8).map((name) => (
                  <li key={name} title={name}>
                    <GuestName name={name} />
                  </li>
                ))}
                {guests.length > 8 && <li>{guests.length - 7} more</li>}
              </ul>
            </Field>
          )}
          <div className="gap" />
          <CloneModeFields request={request} base={chosen} plan={planned.plan} error={errors.layerMb} change={change} />
          <EncryptionFields request={request} base={chosen} error={errors.swapMb} change={change} />
          <Field label="Memory" error={errors.memoryMb ?? errors.vcpus}>
            <div className="ln">
              <NumberStepper
                label="Memory"
                unit="MB"
                value={request.memoryMb}
                min={16}
                keepsTyped
                step={64}
                invalid={errors.memoryMb !== undefined}
                onChange={(memoryMb) => change({ memoryMb })}
              />
              <span className="fl">vCPU</span>
              <NumberStepper
                label="vCPU"
                value={request.vcpus}
                min={1}
                max={128}
                keepsTyped
                width={84}
                invalid={errors.vcpus !== undefined}
                onChange={(vcpus) => change({ vcpus })}
              />
              <span className="fl">Type</span>
              <Segmented
                label="Type"
                value={request.type}
                options={[
                  { value: 'auto', label: 'Auto' },
                  {
                    value: 'pvh',
                    label: 'PVH',
                    disabled: !chosen.types.includes('pvh') || !host.facts?.guestTypes.includes('pvh'),
                  },
                  { value: 'pv', label: 'PV', disabled: !chosen.types.includes('pv') },
                ]}
                onChange={(type) => change({ type })}
              />
            </div>
          </Field>
          <div className="gap" />
          <Field label="Network">
            <Select
              label="Network"
              icon="network"
              value={request.bridge ?? ''}
              options={[
                ...(host.facts?.bridges ?? []).map((bridge) => ({ value: bridge, label: bridge, more: 'bridge' })),
                { value: '', label: 'No network' },
              ]}
              onChange={(bridge) => change({ bridge: bridge === '' ? null : bridge })}
            />
          </Field>
          <Field label="Then">
            <Checkbox checked={openThem} onChange={setOpenThem}>
              Open consoles when booted
            </Checkbox>
          </Field>
          <Field label="Then run">
            <Select
              label="Then run"
              value={then?.name ?? ''}
              options={[
                { value: '', label: 'Nothing' },
                ...sequencesFor([request.base]).map(({ name }) => ({ value: name, label: name })),
              ]}
              onChange={(name) => {
                const next = sequencesFor([request.base]).find((one) => one.name === name)
                setThen(next)
                setAnswers(next ? usualAnswers(next) : {})
                setTried(false)
              }}
            />
          </Field>
          {then && <SequenceFields sequence={then} answers={answers} missing={tried} onChange={setAnswers} />}
          {start.problem && <ProblemNote problem={start.problem} />}
        </>
      }
      aside={
        <>
          {plan && (
            <div className="est">
              <span>
                <b>
                  {request.mode === 'throwaway' && !isEncrypted(request)
                    ? 'Nothing'
                    : `${guests.length} × ${bytes(plan.bytesPerGuest)}`}
                </b>
                on disk
              </span>
              <span>
                <b>{bytes(guests.length * request.memoryMb * 1024 * 1024)}</b>
                of memory
              </span>
            </div>
          )}
          <Preflight checks={plan?.checks} pending={planned.pending} problem={planned.problem} onAgain={planned.again} />
        </>
      }
    />
  )
}
