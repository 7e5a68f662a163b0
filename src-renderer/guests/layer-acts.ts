import { type Guest, isOff } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { hasOwnRoot, type OperationCall } from '../../src-shared/operations'
import { hostById, useFleet } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { attempt } from '../frame/notices'
import { startOperation } from '../jobs/actions'
import type { IconName, MenuEntry } from '../ui'
import { sizeWords } from '../ui/words'

/** What can be done to the layer of a guest, and to what it stands on. */
export type LayerAct = 'swap' | 'roll-back' | 'attach' | 'files' | 'snapshot' | 'grow' | 'check' | 'promote' | 'package' | 'reset'
export const layerActs: readonly LayerAct[] = [
  'swap',
  'roll-back',
  'attach',
  'files',
  'snapshot',
  'grow',
  'check',
  'promote',
  'package',
  'reset',
]

/** What the host cannot do to a layer that the guest encrypts. */
const needsToRead: readonly LayerAct[] = ['files', 'grow', 'check', 'promote', 'package']

const words: Record<LayerAct, { label: string; title(guest: Guest): string; icon: IconName }> = {
  swap: { label: 'Swap generation', title: ({ name }) => `Swap the generation of ${name}`, icon: 'layers' },
  'roll-back': {
    label: 'Roll back generation',
    title: ({ name, origin }) => `Roll ${name} back to generation ${origin?.previous}`,
    icon: 'undo',
  },
  attach: { label: 'Attach package image', title: ({ name }) => `Attach a package image to ${name}`, icon: 'layers' },
  files: { label: 'Changed files', title: ({ name }) => `Changed files of ${name}`, icon: 'code' },
  snapshot: { label: 'Snapshot layer', title: ({ name }) => `Snapshot the layer of ${name}`, icon: 'download' },
  grow: { label: 'Grow layer', title: ({ name }) => `Grow the layer of ${name}`, icon: 'maximise' },
  check: { label: 'Check layer', title: ({ name }) => `Check the layer of ${name}`, icon: 'check' },
  promote: { label: 'Promote to base', title: ({ name }) => `Promote ${name} to a base`, icon: 'clone' },
  package: { label: 'Make package image', title: ({ name }) => `Make a package image of ${name}`, icon: 'layers' },
  reset: { label: 'Reset layer', title: ({ name }) => `Reset the layer of ${name}`, icon: 'trash' },
}

/** Why this cannot be done now, in a few words, or undefined when it can. */
export function layerRefusal(act: LayerAct, guest: Guest, host: Host | undefined): string | undefined {
  if (host?.connection.phase !== 'ready') return 'host not connected'
  const { origin, state } = guest
  if (!origin) return 'stands on no base'
  if (hasOwnRoot(origin.mode)) return 'has a root disk of its own'
  if (state === 'saved') return 'saved: discard or start it first'
  if (act === 'swap' || act === 'attach') return undefined
  if (act === 'package' && origin.packages) return 'has package images in its stack'
  if (act === 'roll-back') {
    if (origin.previous === undefined) return 'never swapped'
    return useFleet
      .getState()
      .bases.get(guest.hostId)
      ?.some((one) => one.base === origin.base && one.generation === origin.previous)
      ? undefined
      : `generation ${origin.previous} is gone`
  }
  if (origin.mode !== 'overlay') return origin.encrypted ? 'forgets its layer at each boot' : 'its layer is in RAM'
  if (origin.encrypted && needsToRead.includes(act)) return 'encrypted: the host has no key'
  return isOff(guest) ? undefined : 'shut it down first'
}

/** Does it, or opens the form or the question for it. */
export function actOnLayer(act: LayerAct, guest: Guest): void {
  const { hostId, id: guestId, name, origin } = guest
  const ref = { name, uuid: guestId }
  const start = (call: OperationCall) => void attempt(words[act].title(guest), () => startOperation(hostId, call))
  switch (act) {
    case 'swap':
      if (origin) showDialog({ kind: 'swap', hostId, base: origin.base, guestIds: [guestId] })
      return
    case 'roll-back':
      if (origin?.previous !== undefined) {
        start({ operation: 'guest.swap', input: { ...ref, base: origin.base, generation: origin.previous } })
      }
      return
    case 'attach':
      showDialog({ kind: 'stack', hostId, guestIds: [guestId] })
      return
    case 'files':
      showDialog({ kind: 'layer-files', hostId, guestId })
      return
    case 'snapshot':
      start({ operation: 'guest.snapshot', input: ref })
      return
    case 'check':
      start({ operation: 'guest.check', input: { ...ref, repair: false } })
      return
    case 'grow':
      showDialog({ kind: 'grow', hostId, guestId })
      return
    case 'promote':
      showDialog({ kind: 'promote', hostId, guestId })
      return
    case 'package':
      showDialog({ kind: 'package', hostId, guestId })
      return
    case 'reset':
      showDialog({
        kind: 'ask',
        hostId,
        title: `Empty the layer of ${name}?`,
        text: `All ${sizeWords(origin?.layerAllocatedBytes ?? 0)} that it wrote is gone for good; at its next start it is as new${origin?.encrypted ? ' and asks for a new passphrase' : ''}. Its snapshots stay.`,
        verb: 'Reset',
        calls: [{ operation: 'guest.reset', input: ref }],
      })
      return
  }
}

/** Asks before a layer is put back to a snapshot, a snapshot is deleted, or a file system is repaired at a loss. */
export function askAbout(act: 'revert' | 'forget' | 'repair', guest: Guest, snapshot = ''): void {
  const { hostId, name, id: uuid } = guest
  const ref = { name, uuid }
  const when = snapshotWords(snapshot)
  switch (act) {
    case 'revert':
      showDialog({
        kind: 'ask',
        hostId,
        title: `Put the layer of ${name} back to ${when}?`,
        text: 'What the guest wrote since then is gone for good. The snapshot stays. To keep what there is now, take a snapshot of it first.',
        verb: 'Restore',
        calls: [{ operation: 'guest.revert', input: { ...ref, snapshot } }],
      })
      return
    case 'forget':
      showDialog({
        kind: 'ask',
        hostId,
        title: `Delete the snapshot of ${when} of ${name}?`,
        text: 'The layer of the guest stays as it is. The snapshot cannot be brought back.',
        verb: 'Delete',
        calls: [{ operation: 'guest.forget', input: { ...ref, snapshot } }],
      })
      return
    case 'repair':
      showDialog({
        kind: 'ask',
        hostId,
        title: `Repair the layer of ${name}?`,
        text: 'Files that cannot be saved are lost in the repaired layer. The layer as it is now is kept as a snapshot.',
        verb: 'Repair',
        calls: [{ operation: 'guest.check', input: { ...ref, repair: true } }],
      })
      return
  }
}

/** The moment that names a snapshot, in the reader's own zone: `21 Nov, 18:15:00`. */
export function snapshotWords(snapshot: string): string {
  const iso = snapshot.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return snapshot
  return date.toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(date.getFullYear() === new Date().getFullYear() ? {} : { year: 'numeric' as const }),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
}

/** What the menu of a guest has about its layer; nothing for a guest that has none. */
export function layerMenu(guest: Guest): MenuEntry[] {
  if (!guest.origin || hasOwnRoot(guest.origin.mode)) return []
  const host = hostById(useFleet.getState(), guest.hostId)
  return layerActs
    .filter((act) => act !== 'roll-back' || guest.origin?.previous !== undefined)
    .map((act) => ({
      label: words[act].label,
      icon: words[act].icon,
      danger: act === 'reset',
      disabled: layerRefusal(act, guest, host),
      onSelect: () => actOnLayer(act, guest),
    }))
}

/** The same for the palette, by the name of the guest; without what cannot be done now. */
export function layerCommands(guest: Guest): { id: string; title: string; icon: IconName; run(): void }[] {
  const host = hostById(useFleet.getState(), guest.hostId)
  return layerActs
    .filter((act) => layerRefusal(act, guest, host) === undefined)
    .map((act) => ({
      id: `chosen ${act}`,
      title: words[act].title(guest),
      icon: words[act].icon,
      run: () => actOnLayer(act, guest),
    }))
}
