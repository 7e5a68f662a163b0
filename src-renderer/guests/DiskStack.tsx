import type { Generation } from '../../src-shared/models/base'
import type { Guest } from '../../src-shared/models/guest'
import { useDock } from '../frame/dock'
import { Bar, Icon, LinkButton } from '../ui'
import { sizeWords } from '../ui/words'

type DiskStackProps = { guest: Guest; generations: readonly Generation[] }

/** What a guest stands on: its own layer over the hatched, locked base; or the plain disks of a guest that others made. */
export function DiskStack({ guest, generations }: DiskStackProps) {
  const { origin } = guest
  if (!origin) return <PlainDisks disks={guest.disks} />
  const base = generations.find((one) => one.base === origin.base && one.generation === origin.generation)
  const newest = Math.max(
    origin.generation,
    ...generations.filter((one) => one.base === origin.base).map((one) => one.generation),
  )
  const share = origin.layerBytes > 0 ? origin.layerAllocatedBytes / origin.layerBytes : 0
  return (
    <>
      <div className="lay top-l">
        <Icon name="pencil" />
        <div className="b">
          {origin.mode === 'overlay' ? (
            <>
              <div>
                <span>Overlay layer</span>
                <span className="f2 nw">
                  <span className="wide">allocated </span>
                  {sizeWords(origin.layerAllocatedBytes)} of {sizeWords(origin.layerBytes)}
                </span>
              </div>
              <Bar share={share} label="Layer allocated" tone="layer" />
            </>
          ) : (
            <>
              <div>
                <span>Layer in RAM</span>
                <span className="f2 nw">at most {sizeWords(origin.layerBytes)}</span>
              </div>
              <div className="f3 xs">forgotten at shutdown</div>
            </>
          )}
        </div>
      </div>
      <div className="lay base">
        <Icon name="lock" />
        <div className="b">
          <div>
            <span className="el">
              {origin.base} - generation {origin.generation}
            </span>
          </div>
          <div className="f3 xs">
            <span>{base ? `read-only, shared by ${base.guests}` : 'read-only'}</span>
            {newest > origin.generation && (
              <LinkButton className="azure" onClick={() => useDock.getState().showHost(guest.hostId, 'images')}>
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
