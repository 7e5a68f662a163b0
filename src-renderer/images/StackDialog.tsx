import './images.css'
import { useState } from 'react'
import { type Guest, isOff } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import type { PackageImage } from '../../src-shared/models/package'
import { hasOwnRoot, type OperationCall } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { compareNames, useGuests, useHost, usePackages } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { OperationDialog } from '../jobs/OperationDialog'
import { usePlan } from '../jobs/use-plan'
import { Checkbox, Dialog, Field, Note, ProblemNote } from '../ui'
import { Select } from '../ui/Select'
import { countWords } from '../ui/words'
import { GuestChecklist } from './GuestChecklist'

type StackDialogProps = { hostId: string; package?: string; version?: number; guestIds: readonly string[]; onClose(): void }

/** Attaches a version of a package image to guests, or swaps the version that they have for it. */
export function StackDialog(props: StackDialogProps) {
  const { hostId, onClose } = props
  const host = useHost(hostId)
  const images = usePackages(hostId)
  const guests = useGuests(hostId).filter(({ origin }) => origin && !hasOwnRoot(origin.mode))
  const why = !host
    ? 'This host was removed.'
    : images.length === 0
      ? `There is no package image on ${host.settings.name}. Make one from a guest that has the programs in its layer.`
      : guests.length === 0
        ? `No guest on ${host.settings.name} stands on a base with a layer of its own.`
        : undefined
  if (!host || why !== undefined)
    return (
      <Dialog title="Attach a package image" onClose={onClose}>
        <div className="ask">{why}</div>
      </Dialog>
    )
  return <StackForm {...props} host={host} images={images} guests={guests} />
}

type StackFormProps = StackDialogProps & { host: Host; images: readonly PackageImage[]; guests: readonly Guest[] }

function StackForm({ host, images, guests, package: name, version, guestIds, onClose }: StackFormProps) {
  const hostId = host.settings.id
  const [key, setKey] = useState(() => keyOf(firstImage(images, guests, guestIds, name, version)))
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(guestIds))
  const [anyway, setAnyway] = useState(false)
  const start = useCall()
  const image = images.find((one) => keyOf(one) === key)
  const changes = guests.flatMap((guest) => (image && chosen.has(guest.id) ? [changeOf(guest, image)] : []))
  const misfits = changes.filter(({ refused, fits }) => refused === undefined && !fits)
  const able = changes.filter(({ refused, fits }) => refused === undefined && (fits || anyway))
  const calls = able.flatMap(({ guest, fits }): { guestId: string; name: string; call: OperationCall }[] =>
    image
      ? [
          {
            guestId: guest.id,
            name: guest.name,
            call: {
              operation: 'guest.attach',
              input: { name: guest.name, uuid: guest.id, package: image.name, version: image.version, anyway: !fits },
            },
          },
        ]
      : [],
  )
  const [first] = calls
  const planned = usePlan(first && { hostId, call: first.call }, (request, signal) =>
    currentClient().jobs.preview(request, { signal }),
  )
  const submit = async (): Promise<void> => {
    if (!first || !image) return
    const begun = await start.run<unknown>(() =>
      calls.length === 1
        ? startOperation(hostId, first.call)
        : currentClient().bulk.start({
            title: `Attach version ${image.version} of ${image.name} to ${countWords(calls.length, 'guest')}`,
            acts: calls.map((one) => ({ hostId, ...one })),
          }),
    )
    if (begun) onClose()
  }
  const sorted = [...images].sort((left, right) => compareNames(left.name, right.name) || right.version - left.version)
  const swaps = able.length > 0 && able.every(({ from }) => from > 0)
  const verb = swaps ? 'Swap' : 'Attach'
  return (
    <OperationDialog
      title={name === undefined ? 'Attach a package image' : `Versions of ${name}`}
      host={host}
      promise="Layers are not touched; it can be rolled back or detached."
      verb={calls.length > 1 ? `${verb} ${countWords(calls.length, 'guest')}` : verb}
      planned={first && planned.plan && { call: first.call, script: planned.plan.script, checks: [] }}
      stale={planned.pending || planned.problem !== undefined}
      busy={start.busy}
      onStart={submit}
      onClose={onClose}
      form={
        <>
          <Field label="Image">
            <Select
              label="Package image"
              value={key}
              options={sorted
                .filter((one) => name === undefined || one.name === name)
                .map((one) => ({
                  value: keyOf(one),
                  label: `${one.name} - version ${one.version}`,
                  more: `made for ${one.for.base} - generation ${one.for.generation}`,
                }))}
              onChange={setKey}
            />
          </Field>
          <div className="sw-h">
            <span>
              {chosen.size} of {countWords(guests.length, 'guest')} with a stack
            </span>
          </div>
          <GuestChecklist
            label="Guests to attach it to"
            guests={guests}
            chosen={chosen}
            beside={(guest) => standsWords(guest, image)}
            onChange={setChosen}
          />
          {misfits.length > 0 && image && (
            <Checkbox checked={anyway} onChange={setAnyway}>
              <span>
                Attach it anyway to {countWords(misfits.length, 'guest')} on another generation than {image.for.base} - generation{' '}
                {image.for.generation}
              </span>
            </Checkbox>
          )}
          {chosen.size === 0 && <p className="f3">Choose the guests that shall have it.</p>}
          {start.problem && <ProblemNote problem={start.problem} />}
        </>
      }
      aside={
        <section aria-label="What changes">
          <h3 className="h3">What changes</h3>
          {planned.problem && <ProblemNote problem={planned.problem} />}
          {changes.length === 0 && <p className="f2">Nothing is chosen.</p>}
          {image && (
            <div className="sw">
              {changes.map((change) => (
                <Change key={change.guest.id} change={change} image={image} anyway={anyway} />
              ))}
            </div>
          )}
        </section>
      }
    />
  )
}

type StackChange = {
  guest: Guest
  /** The version it has, 0 for none. */
  from: number
  /** Whether the image was made for the generation that it stands on when it has it. */
  fits: boolean
  refused: string | undefined
}

function changeOf(guest: Guest, image: PackageImage): StackChange {
  const { origin } = guest
  const has = origin?.packages?.find(({ name }) => name === image.name)
  const refused =
    guest.state === 'saved'
      ? 'It is saved: its memory goes with its disks as they are now. Start it and shut it down, or discard what was saved.'
      : (has?.next ?? has?.version) === image.version
        ? `It has version ${image.version}${has?.next === undefined ? '' : ' from its next start on'} already.`
        : undefined
  return {
    guest,
    from: has?.version ?? 0,
    // Taking an open change back asks for nothing new.
    fits:
      has?.version === image.version ||
      (origin?.base === image.for.base && (origin.next ?? origin.generation) === image.for.generation),
    refused,
  }
}

function Change({ change, image, anyway }: { change: StackChange; image: PackageImage; anyway: boolean }) {
  const { guest, from, fits, refused } = change
  const stays = refused !== undefined || (!fits && !anyway)
  return (
    <div>
      <h4>
        {guest.name}
        <span className="f3"> {stays ? 'stays' : isOff(guest) ? 'now' : 'at its next start'}</span>
      </h4>
      {refused && <Note tone="amber">{refused}</Note>}
      {!refused && (
        <p className="f2">
          {from === 0
            ? `Gets version ${image.version} of ${image.name}, on top of its stack.`
            : `Version ${from} to ${image.version} of ${image.name}.`}
        </p>
      )}
      {!refused && !fits && (
        <Note tone="amber">
          It was made for {image.for.base} - generation {image.for.generation}, and {guest.name} stands on {guest.origin?.base} -
          generation {guest.origin?.next ?? guest.origin?.generation}: its programs may miss what they were made with.
        </Note>
      )}
    </div>
  )
}

const keyOf = ({ name, version }: PackageImage) => `${name}/${version}`

/** The one that was asked for, or the newest that not all of the chosen guests have. */
function firstImage(
  images: readonly PackageImage[],
  guests: readonly Guest[],
  chosen: readonly string[],
  name: string | undefined,
  version: number | undefined,
): PackageImage {
  const ofName = images.filter((one) => name === undefined || one.name === name).toReversed()
  const asked = ofName.find((one) => one.version === version)
  const lacking = ofName.find((one) =>
    guests.some((guest) => chosen.includes(guest.id) && changeOf(guest, one).refused === undefined),
  )
  return (asked ?? lacking ?? ofName[0] ?? images[0]) as PackageImage
}

function standsWords({ origin }: Guest, image: PackageImage | undefined): string {
  const has = origin?.packages?.find(({ name }) => name === image?.name)
  const stands = `${origin?.base} - generation ${origin?.next ?? origin?.generation}`
  return has && has.version > 0 ? `version ${has.version}, ${stands}` : stands
}
