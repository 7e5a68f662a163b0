import { useState } from 'react'
import { type BootableInput, type BootImageCall, bootImageCallSchema } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { useHost } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { OperationDialog } from '../jobs/OperationDialog'
import { Preflight } from '../jobs/Preflight'
import { usePlan } from '../jobs/use-plan'
import { Dialog, Field, ProblemNote, Segmented, TextInput } from '../ui'

/** What is made bootable: the image at a path, or a generation of a base. */
export type BootImageSource = { path: string } | { base: string; generation: number }

type Form = { disk: 'whole' | 'bare'; path: string; target: string } & Pick<BootableInput, 'table' | 'format'>

const endings = { raw: 'img', qcow2: 'qcow2' } as const

/** GRUB onto the image of a whole disk, or a bootable disk made of an image without partitions. */
export function BootImageDialog({ hostId, source, onClose }: { hostId: string; source: BootImageSource; onClose(): void }) {
  const host = useHost(hostId)
  const base = 'base' in source ? source : undefined
  const [form, setForm] = useState<Form>({
    disk: base ? 'bare' : 'whole',
    path: 'path' in source ? source.path : '',
    target: base ? `/srv/${base.base}-${base.generation}-disk.img` : '',
    table: 'mbr',
    format: 'raw',
  })
  const start = useCall()
  const change = (part: Partial<Form>): void => setForm((before) => ({ ...before, ...part }))
  const { disk, path, target, table, format } = form
  const parsed = bootImageCallSchema.safeParse(
    disk === 'whole'
      ? { operation: 'image.grub', input: { path } }
      : { operation: 'image.bootable', input: { from: base ?? { path }, target, table, format } },
  )
  const call = parsed.data
  const errorOf = (field: 'path' | 'target'): string | undefined =>
    form[field] === '' ? undefined : parsed.error?.issues.find((issue) => issue.path.includes(field))?.message
  const planned = usePlan(call, (asked: BootImageCall, signal) =>
    currentClient().images.planBoot({ hostId, call: asked }, { signal }),
  )
  const plan = call ? planned.plan : undefined
  const title = base ? `Make a bootable disk of ${base.base}` : 'Make an image bootable'
  if (!host)
    return (
      <Dialog title={title} onClose={onClose}>
        <div className="ask">This host was removed.</div>
      </Dialog>
    )
  return (
    <OperationDialog
      title={title}
      host={host}
      promise={
        disk === 'whole'
          ? 'A copy gets GRUB and takes the place of the image, whole or not at all.'
          : 'The source is only read. A file that is there is never overwritten.'
      }
      verb={disk === 'whole' ? 'Put GRUB on it' : 'Make the disk'}
      planned={call && plan && { ...plan, call }}
      stale={!call || planned.pending}
      busy={start.busy}
      onStart={async () => {
        if (call && (await start.run(() => startOperation(hostId, call)))) onClose()
      }}
      onClose={onClose}
      form={
        <>
          {!base && (
            <>
              <Field label="Holds">
                <Segmented<Form['disk']>
                  label="Holds"
                  value={disk}
                  options={[
                    { value: 'whole', label: 'a whole disk' },
                    { value: 'bare', label: 'one file system' },
                  ]}
                  onChange={(next) => change({ disk: next })}
                />
              </Field>
              <TextInput
                label="Image"
                mono
                autoFocus
                placeholder={disk === 'whole' ? '/srv/images/disk.img' : '/srv/images/root.img'}
                value={path}
                onChange={(next) => change({ path: next })}
                error={errorOf('path')}
                help={
                  disk === 'whole'
                    ? 'Path on the host of a raw or qcow2 image with MBR, or GPT with a BIOS boot partition; its root in a partition or in LVM.'
                    : 'Path on the host of a raw or qcow2 image of one root file system, without partitions.'
                }
              />
            </>
          )}
          {disk === 'bare' && (
            <>
              <Field label="Table">
                <Segmented<Form['table']>
                  label="Table"
                  value={table}
                  options={[
                    { value: 'mbr', label: 'MBR' },
                    { value: 'gpt', label: 'GPT' },
                  ]}
                  onChange={(next) => change({ table: next })}
                />
              </Field>
              <Field label="Format">
                <Segmented<Form['format']>
                  label="Format"
                  value={format}
                  options={[
                    { value: 'raw', label: 'Raw' },
                    { value: 'qcow2', label: 'qcow2' },
                  ]}
                  onChange={(next) =>
                    setForm((before) => ({
                      ...before,
                      format: next,
                      target: before.target.replace(new RegExp(`\\.${endings[before.format]}$`), `.${endings[next]}`),
                    }))
                  }
                />
              </Field>
              <TextInput
                label="To"
                mono
                autoFocus={base !== undefined}
                placeholder="/srv/images/disk.img"
                value={target}
                onChange={(next) => change({ target: next })}
                error={errorOf('target')}
                help={`Path on ${host.settings.name} of a file that is not there yet.`}
              />
            </>
          )}
          {start.problem && <ProblemNote problem={start.problem} />}
        </>
      }
      aside={
        call ? (
          <Preflight checks={plan?.checks} pending={planned.pending} problem={planned.problem} onAgain={planned.again} />
        ) : (
          <p className="f2">
            It boots by a BIOS, as HVM guest, and by Xen's own GRUB as PV or PVH guest. Domdeck looks at the image once its path
            is given.
          </p>
        )
      }
    />
  )
}
