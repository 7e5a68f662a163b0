import type { Generation } from '../../src-shared/models/base'
import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { hasOwnRoot, isCopy } from '../../src-shared/operations'
import { useFleet } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { attempt } from '../frame/notices'
import { startOperation } from '../jobs/actions'
import type { IconName, MenuEntry } from '../ui'
import { countWords, sizeWords } from '../ui/words'

/** The guests of a host that stand on a generation, or will at their next start. */
export function usersOf(generation: Generation, guests: readonly Guest[]): Guest[] {
  return guests.filter(
    ({ origin, draft }) =>
      (origin?.base === generation.base &&
        !isCopy(origin.mode) &&
        (origin.generation === generation.generation || origin.next === generation.generation)) ||
      (draft?.base === generation.base && draft.generation === generation.generation),
  )
}

/** What can be done with a generation. */
export function generationMenu(generation: Generation, host: Host, guests: readonly Guest[]): MenuEntry[] {
  const hostId = host.settings.id
  const { base } = generation
  const away = host.connection.phase === 'ready' ? undefined : 'host not connected'
  const drafted = guests.some(({ draft }) => draft?.base === base)
  const users = usersOf(generation, guests)
  const movable = guests.filter(
    ({ origin }) => origin?.base === base && !hasOwnRoot(origin.mode) && origin.generation !== generation.generation,
  )
  return [
    {
      label: 'Clone & boot',
      icon: 'clone',
      disabled: away,
      onSelect: () => showDialog({ kind: 'clone', hostId, base: { name: base, generation: generation.generation } }),
    },
    {
      label: 'Edit',
      icon: 'pencil',
      disabled: away ?? (drafted ? 'edited already' : undefined),
      onSelect: () => showDialog({ kind: 'edit-base', hostId, base, generation: generation.generation }),
    },
    {
      label: 'Swap guests to it',
      icon: 'layers',
      disabled: away ?? (movable.length === 0 ? 'no guest on another one' : undefined),
      onSelect: () =>
        showDialog({ kind: 'swap', hostId, base, generation: generation.generation, guestIds: movable.map(({ id }) => id) }),
    },
    {
      label: 'Copy to other hosts',
      icon: 'copy',
      disabled: away,
      onSelect: () => showDialog({ kind: 'copy-base', hostId, base, generation: generation.generation }),
    },
    {
      label: 'Export',
      icon: 'download',
      disabled: away,
      onSelect: () => showDialog({ kind: 'export', hostId, source: { base, generation: generation.generation } }),
    },
    {
      label: 'Make a bootable disk',
      icon: 'power',
      disabled: away,
      onSelect: () => showDialog({ kind: 'boot-image', hostId, source: { base, generation: generation.generation } }),
    },
    {
      label: 'Check disks and console',
      icon: 'check',
      disabled: away,
      onSelect: () => showDialog({ kind: 'mend', hostId, source: { image: `${generation.path}/root.img` } }),
    },
    'rule',
    {
      label: 'Delete',
      icon: 'trash',
      danger: true,
      disabled: away ?? (users.length > 0 ? `in use by ${countWords(users.length, 'guest')}` : undefined),
      onSelect: () => askToDelete(generation, hostId, guests),
    },
  ]
}

function askToDelete(generation: Generation, hostId: string, guests: readonly Guest[]): void {
  const { base, generation: number, sizeBytes } = generation
  const back = guests.filter(({ origin }) => origin?.base === base && origin.previous === number).map(({ name }) => name)
  const losing =
    back.length > 0 ? ` ${back.slice(0, 5).join(', ')}${back.length > 5 ? ' and others' : ''} can no longer roll back to it.` : ''
  showDialog({
    kind: 'ask',
    hostId,
    title: `Delete generation ${number} of ${base}?`,
    text: `No guest stands on it. Its image of ${sizeWords(sizeBytes)} is gone for good, and what it takes on the disk is free.${losing}`,
    verb: 'Delete',
    calls: [{ operation: 'image.delete', input: { base, generation: number } }],
  })
}

/** Makes the next generation of a draft that is shut down. */
export function publishDraft({ hostId, id, draft }: Guest): void {
  if (!draft) return
  void attempt(`Publish the draft of ${draft.base}`, () =>
    startOperation(hostId, { operation: 'image.publish', input: { base: draft.base, uuid: id } }),
  )
}

/** Asks before a draft is thrown away. */
export function askToDiscard({ hostId, id, draft }: Guest): void {
  if (!draft) return
  showDialog({
    kind: 'ask',
    hostId,
    title: `Discard the draft of ${draft.base}?`,
    text: `All that was done in it since generation ${draft.generation} is gone for good. The generations stay as they are.`,
    verb: 'Discard',
    calls: [{ operation: 'image.discard', input: { base: draft.base, uuid: id } }],
  })
}

/** How the palette, where no menu says which generation is meant, says entries that are more than a verb. */
const inPalette: Record<string, (generation: string) => string> = {
  'Swap guests to it': (generation) => `Swap guests to ${generation}`,
  'Copy to other hosts': (generation) => `Copy ${generation} to other hosts`,
  'Make a bootable disk': (generation) => `Make a bootable disk of ${generation}`,
  'Check disks and console': (generation) => `Check disks and console of ${generation}`,
}

/** What the palette has about bases of connected hosts. */
export function baseCommands(): { id: string; title: string; icon: IconName; run(): void }[] {
  const { hosts, bases, guests } = useFleet.getState()
  return hosts
    .filter(({ connection }) => connection.phase === 'ready')
    .flatMap((host) => {
      const { id: hostId, name } = host.settings
      const ofHost = guests.get(hostId) ?? []
      const acts = (bases.get(hostId) ?? []).flatMap((one) =>
        generationMenu(one, host, ofHost).flatMap((entry) => {
          if (entry === 'rule' || entry.disabled !== undefined || entry.label === 'Clone & boot') return []
          const generation = `generation ${one.generation} of ${one.base}`
          const title = inPalette[entry.label]?.(generation) ?? `${entry.label} ${generation}`
          const id = `${entry.label} ${hostId}/${one.base}/${one.generation}`
          return [{ id, title: `${title}: ${name}`, icon: entry.icon ?? 'layers', run: entry.onSelect } as const]
        }),
      )
      const drafts = ofHost.flatMap((guest) =>
        guest.draft
          ? [
              ...(guest.state === 'halted'
                ? [
                    {
                      id: `publish ${guest.id}`,
                      title: `Publish the draft of ${guest.draft.base}: ${name}`,
                      icon: 'check' as const,
                      run: () => publishDraft(guest),
                    },
                  ]
                : []),
              {
                id: `discard ${guest.id}`,
                title: `Discard the draft of ${guest.draft.base}: ${name}`,
                icon: 'trash' as const,
                run: () => askToDiscard(guest),
              },
            ]
          : [],
      )
      return [...acts, ...drafts]
    })
}
