import type { Generation } from '../../src-shared/models/base'
import type { Guest } from '../../src-shared/models/guest'
import { type CloneMode, hasOwnRoot, isCopy } from '../../src-shared/operations'
import { showDialog } from '../frame/dialogs'
import { Bar, Icon, LinkButton } from '../ui'
import { sizeWords } from '../ui/words'

const diskNames: Record<CloneMode, string> = {
  overlay: 'Overlay layer',
  throwaway: 'Layer in RAM',
  copy: 'Full copy',
  reflink: 'Reflink',
  thin: 'LVM thin volume',
  qcow2: 'qcow2 file',
}

type DiskStackProps = { guest: Guest; generations: readonly Generation[] }

/** What a guest stands on: its own layer or disk over the hatched, locked base; or the plain disks of a guest that others made. */
export function DiskStack({ guest, generations }: DiskStackProps) {
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
