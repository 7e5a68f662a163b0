import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import type { PackageImage } from '../../src-shared/models/package'
import { hasOwnRoot } from '../../src-shared/operations'
import { useFleet } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import type { IconName, MenuEntry } from '../ui'
import { countWords, sizeWords } from '../ui/words'

/** The guests of a host that have a version of a package image in their stack, or will at their next start. */
export function usersOfPackage(image: PackageImage, guests: readonly Guest[]): Guest[] {
  return guests.filter(({ origin }) =>
    origin?.packages?.some(
      ({ name, version, next }) => name === image.name && (version === image.version || next === image.version),
    ),
  )
}

/** What can be done with a version of a package image. */
export function packageMenu(image: PackageImage, host: Host, guests: readonly Guest[]): MenuEntry[] {
  const hostId = host.settings.id
  const { name, version } = image
  const away = host.connection.phase === 'ready' ? undefined : 'host not connected'
  const users = usersOfPackage(image, guests)
  const stacks = guests.some(({ origin }) => origin && !hasOwnRoot(origin.mode))
  return [
    {
      label: 'Attach to guests',
      icon: 'layers',
      disabled: away ?? (stacks ? undefined : 'no guest with a stack'),
      onSelect: () => showDialog({ kind: 'stack', hostId, package: name, version, guestIds: [] }),
    },
    {
      label: 'Detach from its guests',
      icon: 'undo',
      disabled: away ?? (users.length === 0 ? 'in no stack' : undefined),
      onSelect: () =>
        showDialog({
          kind: 'ask',
          hostId,
          title: `Detach ${name} from ${countWords(users.length, 'guest')}?`,
          text: `${users.map((guest) => guest.name).join(', ')}: those that are off lose its programs now, those that run at their next start. What they wrote themselves stays in their layers.`,
          verb: 'Detach',
          calls: users.map((guest) => ({
            operation: 'guest.detach',
            input: { name: guest.name, uuid: guest.id, package: name },
          })),
        }),
    },
    'rule',
    {
      label: 'Delete',
      icon: 'trash',
      danger: true,
      disabled: away ?? (users.length > 0 ? `in use by ${countWords(users.length, 'guest')}` : undefined),
      onSelect: () => askToDelete(image, hostId, guests),
    },
  ]
}

function askToDelete({ name, version, sizeBytes }: PackageImage, hostId: string, guests: readonly Guest[]): void {
  const back = guests
    .filter(({ origin }) => origin?.packages?.some((one) => one.name === name && one.previous === version))
    .map((guest) => guest.name)
  const losing =
    back.length > 0 ? ` ${back.slice(0, 5).join(', ')}${back.length > 5 ? ' and others' : ''} can no longer roll back to it.` : ''
  showDialog({
    kind: 'ask',
    hostId,
    title: `Delete version ${version} of ${name}?`,
    text: `It is in no guest's stack. Its image of ${sizeWords(sizeBytes)} is gone for good, and what it takes on the disk is free.${losing}`,
    verb: 'Delete',
    calls: [{ operation: 'image.delete-package', input: { name, version } }],
  })
}

/** What the palette has about package images of connected hosts. */
export function packageCommands(): { id: string; title: string; icon: IconName; run(): void }[] {
  const { hosts, packages, guests } = useFleet.getState()
  return hosts
    .filter(({ connection }) => connection.phase === 'ready')
    .flatMap((host) => {
      const { id: hostId, name } = host.settings
      return (packages.get(hostId) ?? []).flatMap((image) =>
        packageMenu(image, host, guests.get(hostId) ?? []).flatMap((entry) => {
          if (entry === 'rule' || entry.disabled !== undefined) return []
          const [verb = '', ...rest] = entry.label.split(' ')
          const title = [`${verb} version ${image.version} of ${image.name}`, ...rest].join(' ')
          const id = `${entry.label} ${hostId}/${image.name}/${image.version}`
          return [{ id, title: `${title}: ${name}`, icon: entry.icon ?? ('layers' as const), run: entry.onSelect }]
        }),
      )
    })
}
