import { useState } from 'react'
import type { BootWay } from '../../src-shared/models/boot'
import { type Guest, uuidSchema } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { type OperationCall, operationCallSchema } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { guestById, useFleet, useHost } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { OperationDialog } from '../jobs/OperationDialog'
import { Preflight } from '../jobs/Preflight'
import { usePlan } from '../jobs/use-plan'
import { Dialog, Field, Note, ProblemNote, Segmented, TextInput } from '../ui'
import { BootMenu } from './BootMenu'
import { type BootForm, bootFormOf, bootOf, bootRefusal, bootsAs, bootWays, bootWords } from './boot-form'

/** Changes how a guest boots: what each way takes is looked for on host and disk before anything is written. */
export function BootDialog({ hostId, guestId, onClose }: { hostId: string; guestId: string; onClose(): void }) {
  const host = useHost(hostId)
  const guest = useFleet((fleet) => guestById(fleet, hostId, guestId))
  if (!host || !guest)
    return (
      <Dialog title="How a guest boots" onClose={onClose}>
        <div className="ask">This guest is no longer on the list.</div>
      </Dialog>
    )
  return <BootForms host={host} guest={guest} onClose={onClose} />
}

const directFields = [
  { key: 'kernel', label: 'Kernel', help: 'Path of a kernel on the host.' },
  { key: 'ramdisk', label: 'Initrd', help: 'Empty for none.' },
  { key: 'root', label: 'Root', help: 'Its device in the guest, with ro or rw.' },
  { key: 'extra', label: 'Words', help: 'The rest of the kernel command line.' },
] as const

function BootForms({ host, guest, onClose }: { host: Host; guest: Guest; onClose(): void }) {
  const hostId = host.settings.id
  const [form, setForm] = useState<BootForm>(() => bootFormOf(guest, host))
  const start = useCall()
  const change = (part: Partial<BootForm>): void => setForm((before) => ({ ...before, ...part }))
  const boot = bootOf(form)
  const ref = {
    name: guest.name,
    ...(uuidSchema.safeParse(guest.id).success ? { uuid: guest.id } : {}),
    ...(guest.configPath === undefined ? {} : { configPath: guest.configPath }),
  }
  const call = operationCallSchema.safeParse({ operation: 'guest.boot', input: { ...ref, boot } })
  const errorOf = (key: string): string | undefined =>
    form.way === 'direct' && !call.success && form[key as 'kernel'] !== ''
      ? call.error.issues.find(({ path }) => path.at(-1) === key)?.message
      : undefined
  const planned = usePlan(call.success ? boot : undefined, (asked, signal) =>
    currentClient().guests.planBoot({ hostId, guestId: guest.id, boot: asked }, { signal }),
  )
  const plan = call.success ? planned.plan : undefined
  const refused = bootRefusal(guest, host)
  const submit = async (wanted: OperationCall): Promise<void> => {
    if (await start.run(() => startOperation(hostId, wanted))) onClose()
  }
  return (
    <OperationDialog
      title={`How ${guest.name} boots`}
      host={host}
      promise="Only its config is written, and it can be taken back. Its disk is only read."
      verb="Change"
      planned={
        plan?.script !== undefined && call.success ? { call: call.data, script: plan.script, checks: plan.checks } : undefined
      }
      stale={!call.success || planned.pending || refused !== undefined}
      busy={start.busy}
      onStart={async () => {
        if (call.success) await submit(call.data)
      }}
      onClose={onClose}
      form={
        <>
          <p className="f2">It boots {bootsAs(guest)} now.</p>
          <Field label="Boot" help={bootWords[form.way].about}>
            <Segmented<BootWay>
              label="Boot"
              value={form.way}
              options={bootWays.map((value) => ({ value, label: bootWords[value].label }))}
              onChange={(way) => change({ way })}
            />
          </Field>
          {form.way !== 'hvm' && (
            <Field label="Type">
              <Segmented<'pv' | 'pvh'>
                label="Type"
                value={form.type}
                options={[
                  { value: 'pvh', label: 'PVH' },
                  { value: 'pv', label: 'PV' },
                ]}
                onChange={(type) => change({ type })}
              />
            </Field>
          )}
          {form.way === 'direct' &&
            directFields.map(({ key, label, help }) => (
              <TextInput
                key={key}
                label={label}
                mono
                value={form[key]}
                error={errorOf(key)}
                help={help}
                onChange={(value) => change({ [key]: value })}
              />
            ))}
          {plan && form.way !== 'direct' && plan.entries.length > 0 && (
            <Field label="Menu">
              <BootMenu look={plan} />
            </Field>
          )}
          {refused && (
            <Note tone="amber">
              {guest.name} cannot be changed now: {refused}.
            </Note>
          )}
          {start.problem && <ProblemNote problem={start.problem} />}
        </>
      }
      aside={<Preflight checks={plan?.checks} pending={planned.pending} problem={planned.problem} onAgain={planned.again} />}
    />
  )
}
