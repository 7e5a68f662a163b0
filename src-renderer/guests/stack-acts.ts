import type { Guest } from '../../src-shared/models/guest'
import type { StackedPackage } from '../../src-shared/models/package'
import type { OperationCall } from '../../src-shared/operations'
import { hostById, useFleet } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { attempt } from '../frame/notices'
import { startOperation } from '../jobs/actions'
import type { IconName } from '../ui'
import { layerRefusal } from './layer-acts'

type StackAct = { label: string; title: string; icon: IconName; danger?: boolean; disabled: string | undefined; onSelect(): void }

/** What can be done with one package image in the stack of a guest; for its menu, and by `title` for the palette. */
export function stackedActs(guest: Guest, { name, version, previous, next }: StackedPackage): StackAct[] {
  const { hostId, id: guestId } = guest
  const ref = { name: guest.name, uuid: guestId, package: name }
  const fleet = useFleet.getState()
  const away = layerRefusal('attach', guest, hostById(fleet, hostId))
  const there = (fleet.packages.get(hostId) ?? []).some((one) => one.name === name && one.version === previous)
  const start = (title: string, call: OperationCall) => void attempt(title, () => startOperation(hostId, call))
  const detach = `Detach ${name} from ${guest.name}`
  const back = `Roll ${guest.name} back to version ${previous} of ${name}`
  return [
    {
      label: 'Swap version',
      title: `Swap the version of ${name} in ${guest.name}`,
      icon: 'layers',
      disabled: away,
      onSelect: () => showDialog({ kind: 'stack', hostId, package: name, guestIds: [guestId] }),
    },
    ...(previous === undefined
      ? []
      : [
          {
            label: `Roll back to version ${previous}`,
            title: back,
            icon: 'undo' as const,
            disabled: away ?? (there ? undefined : `version ${previous} is gone`),
            // It had that one, whatever it was made for.
            onSelect: () => start(back, { operation: 'guest.attach', input: { ...ref, version: previous, anyway: true } }),
          },
        ]),
    ...(next === undefined
      ? []
      : [
          {
            label: 'Take the open change back',
            title: `Take back what ${guest.name} gets of ${name} at its next start`,
            icon: 'undo' as const,
            disabled: away,
            onSelect: () =>
              start(
                `Take back what ${guest.name} gets of ${name}`,
                version === 0
                  ? { operation: 'guest.detach', input: ref }
                  : { operation: 'guest.attach', input: { ...ref, version, anyway: true } },
              ),
          },
        ]),
    {
      label: 'Detach',
      title: detach,
      icon: 'trash',
      danger: true,
      disabled: away ?? (next === 0 ? 'goes at its next start' : version === 0 ? 'not attached yet' : undefined),
      onSelect: () =>
        showDialog({
          kind: 'ask',
          hostId,
          title: `${detach}?`,
          text: `${guest.name} no longer has its programs from ${guest.state === 'halted' ? 'now' : 'its next start'} on. What it wrote itself stays in its layer, and the package image on the host.`,
          verb: 'Detach',
          calls: [{ operation: 'guest.detach', input: ref }],
        }),
    },
  ]
}

/** The same for the palette; without what cannot be done now. */
export function stackCommands(guest: Guest): { id: string; title: string; icon: IconName; run(): void }[] {
  return (guest.origin?.packages ?? []).flatMap((stacked) =>
    stackedActs(guest, stacked).flatMap(({ title, icon, disabled, onSelect }) =>
      disabled === undefined ? [{ id: `chosen ${title}`, title, icon, run: onSelect }] : [],
    ),
  )
}
