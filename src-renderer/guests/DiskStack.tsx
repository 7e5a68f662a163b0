import type { Generation } from '../../src-shared/models/base'
import type { Guest } from '../../src-shared/models/guest'
import type { PackageImage, StackedPackage } from '../../src-shared/models/package'
import { type CloneMode, hasOwnRoot, isCopy } from '../../src-shared/operations'
import { showDialog } from '../frame/dialogs'
import { Bar, Icon, IconButton, LinkButton, Menu } from '../ui'
import { sizeWords } from '../ui/words'
import { stackedActs } from './stack-acts'

const diskNames: Record<CloneMode, string> = {
  overlay: 'Overlay layer',
  throwaway: 'Layer in RAM',
  copy: 'Full copy',
  reflink: 'Reflink',
  thin: 'LVM thin volume',
  qcow2: 'qcow2 file',
}

type DiskStackProps = { guest: Guest; generations: readonly Generation[]; images: readonly PackageImage[] }

/** What a guest stands on: its own layer or disk over package images and the hatched, locked base; or the plain disks of a guest that others made. */
export function DiskStack({ guest, generations, images }: DiskStackProps) {
  const { origin } = guest
  if (!origin) return <PlainDisks disks={guest.disks} />
  const base = generations.find((one) => one.base === origin.base && one.generation === origin.generation)
  const newest = Math.max(
    origin.generation,
    ...generations.filter((one) => one.base === origin.base).map((one) => one.generation),
  )
  const named = origin.mode !== 'throwaway' || origin.encrypted
  const name = origin.encrypted && origin.mode === 'throwaway' ? 'Layer on disk' : diskNames[origin.mode]
  const share = origin.layerBytes > 0 ? origin.layerAllocatedBytes / origin.layerBytes : 0
  return (
    <>
      <div className="lay top-l">
        <Icon name={origin.encrypted ? 'lock' : 'pencil'} />
        <div className="b">
          {named ? (
            <>
              <div>
                <span>{name}</span>
                <span className="f2 nw">
                  <span className="wide">allocated </span>
                  {sizeWords(origin.layerAllocatedBytes)} of {sizeWords(origin.layerBytes)}
                </span>
              </div>
              <Bar share={share} label={`${name}, allocated`} tone="layer" />
              {origin.encrypted && (
                <div className="f3 xs">
                  {origin.mode === 'throwaway' ? 'encrypted, forgotten at each boot' : 'encrypted in the guest'}
                </div>
              )}
            </>
          ) : (
            <>
              <div>
                <span>{name}</span>
                <span className="f2 nw">at most {sizeWords(origin.layerBytes)}</span>
              </div>
              <div className="f3 xs">forgotten at shutdown</div>
            </>
          )}
        </div>
      </div>
      {origin.packages?.toReversed().map((stacked) => (
        <Stacked key={stacked.name} guest={guest} stacked={stacked} images={images} />
      ))}
      <div className="lay base">
        <Icon name={isCopy(origin.mode) ? 'clone' : 'lock'} />
        <div className="b">
          <div>
            <span className="el">
              {origin.base} - generation {origin.generation}
            </span>
          </div>
          <div className="f3 xs">
            <span>
              {isCopy(origin.mode)
                ? 'copied from it, and independent'
                : base
                  ? `read-only, shared by ${base.guests}`
                  : 'read-only'}
            </span>
            {origin.next !== undefined && <span>generation {origin.next} at its next start</span>}
            {origin.next === undefined && newest > origin.generation && !hasOwnRoot(origin.mode) && (
              <LinkButton
                className="azure"
                onClick={() => showDialog({ kind: 'swap', hostId: guest.hostId, base: origin.base, guestIds: [guest.id] })}
              >
                Generation {newest} ready
              </LinkButton>
            )}
          </div>
        </div>
      </div>
    </>
  )
}

function Stacked({ guest, stacked, images }: { guest: Guest; stacked: StackedPackage; images: readonly PackageImage[] }) {
  const { name, version, next } = stacked
  const image = images.find((one) => one.name === name && one.version === (version || next))
  const newest = Math.max(version, ...images.filter((one) => one.name === name).map((one) => one.version))
  return (
    <div className="lay base">
      <Icon name="lock" />
      <div className="b">
        <div>
          <span className="el">
            {name} - version {version || next}
          </span>
        </div>
        <div className="f3 xs">
          <span>
            {version === 0
              ? 'attached at its next start'
              : image
                ? `read-only, shared by ${image.guests}`
                : 'read-only, not found'}
          </span>
          {version !== 0 && next !== undefined && (
            <span>{next === 0 ? 'detached at its next start' : `version ${next} at its next start`}</span>
          )}
          {next === undefined && newest > version && (
            <LinkButton
              className="azure"
              onClick={() => showDialog({ kind: 'stack', hostId: guest.hostId, package: name, guestIds: [guest.id] })}
            >
              Version {newest} ready
            </LinkButton>
          )}
        </div>
      </div>
      <Menu
        trigger={<IconButton icon="more" iconSize="xs" size="xs" label={`Actions for ${name} in the stack`} />}
        entries={stackedActs(guest, stacked)}
      />
    </div>
  )
}

function PlainDisks({ disks }: { disks: Guest['disks'] }) {
  if (disks.length === 0) return <p className="f3">No disks in its config.</p>
  return (
    <ul className="disks">
      {disks.map((disk) => (
        <li key={disk.vdev}>
          <Icon name={disk.writable ? 'pencil' : 'lock'} size="s" />
          <span className="mono">{disk.vdev}</span>
          <span className="mono el f2" title={disk.target}>
            {disk.target}
          </span>
          <span className="f3 xs">{disk.writable ? 'writable' : 'read-only'}</span>
        </li>
      ))}
    </ul>
  )
}
