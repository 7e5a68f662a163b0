import { useState } from 'react'
import { type ImportInput, importInputSchema } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { hostById, useFleet } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { OperationDialog } from '../jobs/OperationDialog'
import { Preflight } from '../jobs/Preflight'
import { usePlan } from '../jobs/use-plan'
import { Checkbox, Dialog, ProblemNote, TextInput } from '../ui'

type Form = { name: string; source: string; ownKernel: boolean; kernel: string; initrd: string }

/** The input a form stands for; empty kernel fields mean the image's own. */
function toInput(form: Form): ImportInput {
  return {
    name: form.name.trim(),
    source: form.source.trim(),
    ...(form.ownKernel ? { kernel: form.kernel.trim(), initrd: form.initrd.trim() } : {}),
  }
}

/** Makes a base of an image on dom0, or of the disk of a guest. The image itself is only read. */
export function ImportDialog({ hostId, image, onClose }: { hostId: string; image?: string | undefined; onClose(): void }) {
  const host = useFleet((fleet) => hostById(fleet, hostId))
  const [form, setForm] = useState<Form>({ name: '', source: image ?? '', ownKernel: false, kernel: '', initrd: '' })
  const start = useCall()
  const change = (part: Partial<Form>): void => setForm((before) => ({ ...before, ...part }))
  const input = toInput(form)
  const parsed = importInputSchema.safeParse(input)
  // A field that was not touched yet is not wrong yet.
  const errorOf = (field: keyof ImportInput): string | undefined =>
    form[field] === '' ? undefined : parsed.error?.issues.find((issue) => issue.path[0] === field)?.message
  const planned = usePlan(parsed.success ? input : undefined, (asked, signal) =>
    currentClient().images.planImport({ hostId, input: asked }, { signal }),
  )
  const plan = parsed.success ? planned.plan : undefined

  if (!host)
    return (
      <Dialog title="Import a base" onClose={onClose}>
        <div className="ask">This host was removed.</div>
      </Dialog>
    )
  return (
    <OperationDialog
      title="Import a base"
      host={host}
      promise="The image is copied; it is never written to."
      verb="Import"
      planned={plan && { ...plan, call: { operation: 'image.import', input } }}
      stale={!parsed.success || planned.pending}
      busy={start.busy}
      onStart={async () => {
        const job = await start.run(() => startOperation(hostId, { operation: 'image.import', input }))
        if (job) onClose()
      }}
      onClose={onClose}
      form={
        <>
          <TextInput
            label="Image"
            mono
            autoFocus
            placeholder="/srv/guest/debian.img"
            value={form.source}
            onChange={(source) => change({ source })}
            error={errorOf('source')}
            help="Path on the host of a raw or qcow2 image of one plain ext4 root, of a tar of a root, or of the disk of a guest that is off."
          />
          <TextInput
            label="Name"
            placeholder="debian-12"
            value={form.name}
            onChange={(name) => change({ name })}
            error={errorOf('name')}
            help="An existing name gets a new generation."
          />
          <Checkbox checked={form.ownKernel} onChange={(ownKernel) => change({ ownKernel })}>
            Use another kernel and initrd than the image's own
          </Checkbox>
          {form.ownKernel && (
            <>
              <TextInput
                label="Kernel"
                mono
                value={form.kernel}
                onChange={(kernel) => change({ kernel })}
                error={errorOf('kernel')}
              />
              <TextInput
                label="Initrd"
                mono
                value={form.initrd}
                onChange={(initrd) => change({ initrd })}
                error={errorOf('initrd')}
                help="It must hold Domdeck's union root hook."
              />
            </>
          )}
          {start.problem && <ProblemNote problem={start.problem} />}
        </>
      }
      aside={
        parsed.success ? (
          <Preflight checks={plan?.checks} pending={planned.pending} problem={planned.problem} onAgain={planned.again} />
        ) : (
          <p className="f2">Domdeck looks at the image once its path and a name are given.</p>
        )
      }
    />
  )
}
