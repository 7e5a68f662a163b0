import './images.css'
import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { compareNames, usePackages } from '../fleet/store'
import { EmptyState, Icon, IconButton, LoadingRows, Menu, Tag } from '../ui'
import { dayWords, sizeWords } from '../ui/words'
import { packageMenu, usersOfPackage } from './package-acts'
import { UsersCell } from './UsersCell'

/** Versions of package images as a table, the newest of each first. */
export function PackagesTable({ host, guests }: { host: Host; guests: readonly Guest[] }) {
  const images = usePackages(host.settings.id)
  if (host.asOf === undefined) return <LoadingRows rows={2} height={28} label="Reading the package images" />
  if (images.length === 0)
    return (
      <EmptyState>
        No package image on {host.settings.name} yet. Make one from the layer of a guest to share its programs with other guests.
      </EmptyState>
    )
  const sorted = [...images].sort((left, right) => compareNames(left.name, right.name) || right.version - left.version)
  const newest = new Set(sorted.filter((one, index) => sorted[index - 1]?.name !== one.name))
  return (
    <table className="tbl btbl ptbl">
      <thead>
        <tr>
          <th>Package image</th>
          <th className="n">Size</th>
          <th>Used by</th>
          <th>Made for</th>
          <th>From</th>
          <th>Note</th>
          <th>Made</th>
          <th>
            <span className="sr">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((one) => (
          <tr key={`${one.name}/${one.version}`}>
            <td>
              <span className="c">
                <Icon name="layers" size="s" className="f3" />
                <span className="el" title={`sha256 ${one.sha256}`}>
                  {one.name} - version {one.version}
                </span>
                {newest.has(one) && one.version > 1 && <Tag>newest</Tag>}
              </span>
            </td>
            <td className="n">{sizeWords(one.sizeBytes)}</td>
            <UsersCell users={usersOfPackage(one, guests)} />
            <td className="f2 el" title={`${one.for.base} - generation ${one.for.generation}`}>
              {one.for.base} - generation {one.for.generation}
            </td>
            <td className="f2 el" title={one.from.guest}>
              {one.from.guest}
            </td>
            <td className="f2 el" title={one.note}>
              {one.note}
            </td>
            <td className="f2">{dayWords(one.importedAt)}</td>
            <td className="acts-c">
              <Menu
                trigger={<IconButton icon="more" iconSize="s" label={`Actions for version ${one.version} of ${one.name}`} />}
                entries={packageMenu(one, host, guests)}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
