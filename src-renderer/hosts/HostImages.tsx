import type { Generation } from '../../src-shared/models/base'
import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { compareNames } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { generationMenu, usersOf } from '../images/base-acts'
import { Drafts } from '../images/Drafts'
import { PackagesTable } from '../images/PackagesTable'
import { UsersCell } from '../images/UsersCell'
import { Button, EmptyState, Icon, IconButton, LoadingRows, Menu, Tag } from '../ui'
import { dayWords, sizeWords } from '../ui/words'

type HostImagesProps = { host: Host; generations: readonly Generation[]; guests: readonly Guest[] }

/** The bases and package images on a host, and the way to bring in another base. */
export function HostImages({ host, generations, guests }: HostImagesProps) {
  return (
    <>
      <div className="ov-h">
        <h2>Bases</h2>
        <span className="f3 el" title={`${host.settings.storageRoot}/bases`}>
          under <span className="mono">{host.settings.storageRoot}/bases</span>
        </span>
        <span className="sp" />
        <Button
          size="s"
          icon="power"
          disabled={host.connection.phase !== 'ready'}
          onClick={() => showDialog({ kind: 'boot-image', hostId: host.settings.id, source: { path: '' } })}
        >
          Make an image bootable
        </Button>
        <Button
          size="s"
          icon="download"
          disabled={host.connection.phase !== 'ready'}
          onClick={() => showDialog({ kind: 'import', hostId: host.settings.id })}
        >
          Import base
        </Button>
      </div>
      <Drafts host={host} guests={guests} />
      <BasesTable host={host} generations={generations} guests={guests} />
      <div className="ov-h">
        <h2 className="nw">Package images</h2>
        <span className="f3 el" title={`${host.settings.storageRoot}/packages`}>
          under <span className="mono">{host.settings.storageRoot}/packages</span>
        </span>
      </div>
      <PackagesTable host={host} guests={guests} />
    </>
  )
}

/** Generations of bases as a table, the newest of each first. */
export function BasesTable({ host, generations, guests }: HostImagesProps) {
  if (host.asOf === undefined) return <LoadingRows rows={3} height={28} label="Reading the bases" />
  if (generations.length === 0)
    return (
      <EmptyState>No base on {host.settings.name} yet. Import an image of a root file system to clone guests from it.</EmptyState>
    )
  const sorted = [...generations].sort((left, right) => compareNames(left.base, right.base) || right.generation - left.generation)
  const newest = new Set(sorted.filter((one, index) => sorted[index - 1]?.base !== one.base))
  return (
    <table className="tbl btbl">
      <thead>
        <tr>
          <th>Base</th>
          <th className="n">Size</th>
          <th>Used by</th>
          <th>Kernel</th>
          <th>Boots as</th>
          <th>sha256</th>
          <th>Imported</th>
          <th>
            <span className="sr">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((one) => (
          <tr key={`${one.base}/${one.generation}`}>
            <td>
              <span className="c">
                <Icon name="layers" size="s" className="f3" />
                <span className="el">
                  {one.base} - generation {one.generation}
                </span>
                {newest.has(one) && one.generation > 1 && <Tag>newest</Tag>}
              </span>
            </td>
            <td className="n">{sizeWords(one.sizeBytes)}</td>
            <UsersCell users={usersOf(one, guests)} />
            <td className="mono f2">{one.kernelVersion}</td>
            <td className="f2">{one.types.map((type) => type.toUpperCase()).join(', ')}</td>
            <td className="mono f2" title={one.sha256}>
              {one.sha256.slice(0, 12)}
            </td>
            <td className="f2">{dayWords(one.importedAt)}</td>
            <td className="acts-c">
              <Menu
                trigger={
                  <IconButton icon="more" iconSize="s" label={`Actions for generation ${one.generation} of ${one.base}`} />
                }
                entries={generationMenu(one, host, guests)}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
