import { currentClient } from '../api/page'
import { useHost } from '../fleet/store'
import { attempt } from '../frame/notices'
import { ConfirmDialog } from '../ui'

/** Asks before a host is taken off this workstation's list. */
export function ForgetHostDialog({ hostId, onClose }: { hostId: string; onClose(): void }) {
  const host = useHost(hostId)
  if (!host) return null
  const { name } = host.settings
  return (
    <ConfirmDialog
      title={`Remove ${name} from Domdeck?`}
      verb="Remove"
      onConfirm={() => void attempt(`Remove ${name}`, async () => currentClient().hosts.remove({ hostId }))}
      onClose={onClose}
    >
      <p>Its consoles here close. Nothing changes on the host: guests, bases and jobs stay, and adding it again shows them.</p>
    </ConfirmDialog>
  )
}
