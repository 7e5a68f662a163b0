import { useState } from 'react'
import { hostById, useFleet } from '../fleet/store'
import { CallDialog } from '../jobs/CallDialog'
import { Checkbox, Field, Note, Segmented } from '../ui'
import { canBoot } from './use-boot'

/** Reboots a host as a job that goes on after it: guests down in order or left, packages upgraded on the way if wished, guests up again. */
export function RebootHostDialog({ hostId, onClose }: { hostId: string; onClose(): void }) {
  const host = useFleet((fleet) => hostById(fleet, hostId))
  const [guests, setGuests] = useState<'shutdown' | 'leave'>('shutdown')
  const [upgrade, setUpgrade] = useState(false)
  const name = host?.settings.name ?? 'a host'
  return (
    <CallDialog
      title={`Reboot ${name}`}
      beside="goes on by itself, whatever becomes of Domdeck"
      verb={upgrade ? 'Upgrade and reboot' : 'Reboot'}
      hostId={hostId}
      call={{ operation: 'host.reboot', input: { guests, upgrade } }}
      refused={host && canBoot(host) ? undefined : 'the host is not connected'}
      onClose={onClose}
    >
      <Field
        label="Guests"
        help={
          guests === 'shutdown'
            ? 'Shut down in order, the last to start first; those that ran are started again when the host is back.'
            : 'Left to the host: xendomains saves or shuts down what it knows, and anything else loses its power.'
        }
      >
        <Segmented<'shutdown' | 'leave'>
          label="Guests"
          value={guests}
          options={[
            { value: 'shutdown', label: 'Shut down and start again' },
            { value: 'leave', label: 'Leave to the host' },
          ]}
          onChange={setGuests}
        />
      </Field>
      <Field label="Packages">
        <Checkbox checked={upgrade} onChange={setUpgrade}>
          Upgrade all of them while no guest runs
        </Checkbox>
      </Field>
      {upgrade && (
        <Note tone="azure">
          Fetched before any guest is shut down. The boot after it is held: a system that nobody logs in to by SSH within 15
          minutes, as Domdeck does while it runs, makes way for the kernel and hypervisor from before. The packages themselves are
          not taken back.
        </Note>
      )}
      {upgrade && guests === 'leave' && (
        <Note tone="amber">Guests run on while Xen's tools are replaced: until the reboot, xl may not work for them.</Note>
      )}
    </CallDialog>
  )
}
