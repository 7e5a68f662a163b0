import './images.css'
import { useState } from 'react'
import type { LayerFile } from '../../src-shared/contract/guests'
import { operationCallSchema } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { guestById, useFleet, useHost, usePackages } from '../fleet/store'
import { layerRefusal } from '../guests/layer-acts'
import { CallDialog } from '../jobs/CallDialog'
import { usePlan } from '../jobs/use-plan'
import { LoadingRows, Note, ProblemNote, TextInput } from '../ui'
import { countWords } from '../ui/words'

/** What goes into a package image, as build-package.sh has it. */
const programFolders = /^\/(usr|opt|bin|sbin|lib|lib32|lib64|libx32)(\/|$)/

/** Makes a package image of the programs in the layer of a guest that is off. */
export function PackageDialog({ hostId, guestId, onClose }: { hostId: string; guestId: string; onClose(): void }) {
  const host = useHost(hostId)
  const guest = useFleet((fleet) => guestById(fleet, hostId, guestId))
  const images = usePackages(hostId)
  const [name, setName] = useState('')
  const [note, setNote] = useState('')
  const refused = guest ? layerRefusal('package', guest, host) : 'no longer on the list'
  const looked = usePlan(refused === undefined ? { hostId, guestId } : undefined, (request, signal) =>
    currentClient().guests.layerFiles(request, { signal }),
  )
  const checked = operationCallSchema.safeParse({
    operation: 'image.package',
    input: { name: name.trim(), guest: { name: guest?.name, uuid: guestId }, note: note.trim() },
  })
  const error = (field: string): string | undefined => checked.error?.issues.find((issue) => issue.path.includes(field))?.message
  const newest = Math.max(0, ...images.filter((one) => one.name === name.trim()).map(({ version }) => version))
  return (
    <CallDialog
      title={`Make a package image of ${guest?.name ?? 'a guest'}`}
      beside={`on ${host?.settings.name}`}
      verb="Make"
      hostId={hostId}
      call={checked.data}
      refused={refused}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        mono
        autoFocus
        value={name}
        placeholder="tools"
        error={name === '' ? undefined : error('name')}
        help={
          newest > 0
            ? `There is a package image of this name: this becomes a version after ${newest}.`
            : 'A new name makes a new package image, a known one its next version.'
        }
        onChange={setName}
      />
      <TextInput label="Note" value={note} placeholder="what is in it" error={error('note')} onChange={setNote} />
      <Note tone="plain">
        The programs in the layer of {guest?.name} are copied into an image that other guests of {guest?.origin?.base} -
        generation {guest?.origin?.generation} can have between their base and their own layer. The guest stays as it is.
      </Note>
      {looked.problem && <ProblemNote problem={looked.problem} />}
      {!refused && !looked.plan && looked.pending && <LoadingRows rows={2} label="Looking at the layer" />}
      {looked.plan && <Contents files={looked.plan.files} count={looked.plan.count} />}
    </CallDialog>
  )
}

function Contents({ files, count }: { files: readonly LayerFile[]; count: number }) {
  const into = files.filter(({ path }) => programFolders.test(path))
  const rest = new Map<string, number>()
  for (const { path } of files) {
    const folder = `/${path.split('/')[1]}`
    if (!programFolders.test(path)) rest.set(folder, (rest.get(folder) ?? 0) + 1)
  }
  if (into.length === 0 && count <= files.length)
    return <Note tone="amber">Its layer holds no program: nothing below /usr, /opt, /bin, /sbin or /lib.</Note>
  return (
    <>
      <p className="f2">
        {count > files.length ? 'At least ' : ''}
        {countWords(into.length, 'path goes', 'paths go')} into it
        {rest.size === 0
          ? '.'
          : `; these stay in the guest's own layer: ${[...rest].map(([folder, files]) => `${folder} ${files}`).join(', ')}.`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ul className="sw-l" aria-label="Paths that go into it" tabIndex={0}>
        {into.slice(0, 200).map(({ path, kind }) => (
          <li key={path}>
            <span className="mono el" title={path}>
              {path}
            </span>
            <span className="f3 xs">{kind === 'deleted' ? 'deleted' : kind === 'replaced' ? 'folder anew' : ''}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
