import { useState } from 'react'
import { type BootRequest, type BootSettings, bootSettingsSchema } from '../../src-shared/models/host-boot'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { hostById, useFleet } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { OperationDialog } from '../jobs/OperationDialog'
import { Preflight } from '../jobs/Preflight'
import { usePlan } from '../jobs/use-plan'
import { Checkbox, Dialog, EmptyState, Field, LoadingRows, NumberStepper, ProblemNote, Segmented, TextInput } from '../ui'
import { Diff } from './Diff'
import { useBoot } from './use-boot'

type HostBootDialogProps = {
  hostId: string
  /** An entry to boot once, by its titles; else a value of GRUB_DEFAULT, or as it is. */
  once?: readonly string[] | undefined
  default?: string | undefined
  onClose(): void
}

/** Changes what a host boots, or boots an entry once; with the files as they would change before anything is written. */
export function HostBootDialog(props: HostBootDialogProps) {
  const host = useFleet((fleet) => hostById(fleet, props.hostId))
  if (!host) {
    return (
      <Dialog title="Change the boot" onClose={props.onClose}>
        <EmptyState>This host was removed.</EmptyState>
      </Dialog>
    )
  }
  return <Loaded {...props} host={host} />
}

function Loaded({ host, ...props }: HostBootDialogProps & { host: NonNullable<ReturnType<typeof hostById>> }) {
  const { boot, problem } = useBoot(host)
  if (!boot) {
    return (
      <Dialog title="Change the boot" onClose={props.onClose}>
        <div className="dform">
          {problem ? <ProblemNote problem={problem} /> : <LoadingRows rows={6} height={28} label="Reading the boot menu" />}
        </div>
      </Dialog>
    )
  }
  const settings = { ...boot.settings, ...(props.default === undefined ? {} : { default: props.default }) }
  return <BootForm {...props} host={host} before={settings} />
}

type Form = {
  memory: boolean
  memoryMb: number
  vcpus: string
  serial: 'leave' | '1' | '2'
}

function BootForm({
  hostId,
  host,
  once,
  before,
  onClose,
}: HostBootDialogProps & { host: NonNullable<ReturnType<typeof hostById>>; before: BootSettings }) {
  const [form, setForm] = useState<Form>({
    memory: before.dom0MemMb !== undefined,
    memoryMb: before.dom0MemMb ?? 4096,
    vcpus: before.dom0MaxVcpus ?? '',
    serial: before.serial ? (String(before.serial.port) as '1' | '2') : 'leave',
  })
  const start = useCall()
  const change = (part: Partial<Form>): void => setForm((now) => ({ ...now, ...part }))
  const settings: BootSettings = {
    ...(before.default === undefined ? {} : { default: before.default }),
    ...(form.memory ? { dom0MemMb: form.memoryMb } : {}),
    ...(form.vcpus.trim() === '' ? {} : { dom0MaxVcpus: form.vcpus.trim() }),
    ...(form.serial === 'leave'
      ? {}
      : {
          serial: { port: form.serial === '1' ? (1 as const) : (2 as const), speed: before.serial?.speed ?? (115200 as const) },
        }),
  }
  const parsed = bootSettingsSchema.safeParse(settings)
  const errorOf = (field: keyof BootSettings): string | undefined =>
    parsed.error?.issues.find((issue) => issue.path[0] === field)?.message
  const request: BootRequest | undefined = once ? { settings: {}, once: [...once] } : parsed.success ? { settings } : undefined
  const planned = usePlan(request, (asked, signal) => currentClient().boot.plan({ hostId, request: asked }, { signal }))
  const plan = request ? planned.plan : undefined
  const call = plan?.planned?.call
  return (
    <OperationDialog
      title={once ? 'Boot once' : 'Change the boot'}
      host={host}
      promise="Written now, tried at the next boot. It is kept once it has proven itself."
      verb={once ? 'Boot once' : 'Change'}
      planned={plan?.planned && { ...plan.planned, checks: plan.checks }}
      stale={!request || planned.pending}
      busy={start.busy}
      onStart={async () => {
        if (call && (await start.run(() => startOperation(hostId, call)))) onClose()
      }}
      onClose={onClose}
      form={
        <>
          {once ? (
            <Field label="Entry">
              <span className="boot-once">{once.join(' › ')}</span>
            </Field>
          ) : (
            <>
              {before.default !== undefined && (
                <Field label="Default">
                  <span className="boot-once mono">{before.default}</span>
                </Field>
              )}
              <Field
                label="Memory"
                error={errorOf('dom0MemMb')}
                help="Of dom0: dom0_mem, least and most the same; it also turns autoballoon off."
              >
                <span className="boot-row">
                  <Checkbox checked={form.memory} onChange={(memory) => change({ memory })}>
                    Fixed
                  </Checkbox>
                  {form.memory && (
                    <NumberStepper
                      label="Memory of dom0"
                      unit="MB"
                      step={256}
                      width={140}
                      keepsTyped
                      invalid={errorOf('dom0MemMb') !== undefined}
                      value={form.memoryMb}
                      onChange={(memoryMb) => change({ memoryMb })}
                    />
                  )}
                </span>
              </Field>
              <TextInput
                label="vCPUs"
                mono
                placeholder="all"
                value={form.vcpus}
                onChange={(vcpus) => change({ vcpus })}
                error={errorOf('dom0MaxVcpus')}
                help="dom0_max_vcpus: a number, or a range such as 1-4."
              />
              <Field label="Serial" help="For GRUB, Xen and dom0, besides the screen; 115200 8n1 unless set otherwise.">
                <Segmented
                  label="Serial console"
                  value={form.serial}
                  options={[
                    { value: 'leave', label: 'As it is' },
                    { value: '1', label: 'COM1' },
                    { value: '2', label: 'COM2' },
                  ]}
                  onChange={(serial) => change({ serial })}
                />
              </Field>
            </>
          )}
          {plan?.files.some(({ diff }) => diff !== '') && (
            <section className="boot-diff" aria-label="Changed files">
              <h3 className="h3">Changed files</h3>
              <Diff files={plan.files.filter(({ diff }) => diff !== '')} />
            </section>
          )}
          {start.problem && <ProblemNote problem={start.problem} />}
        </>
      }
      aside={<Preflight checks={plan?.checks} pending={planned.pending} problem={planned.problem} onAgain={planned.again} />}
    />
  )
}
