import '../jobs/jobs.css'
import './images.css'
import { useDeferredValue, useMemo, useState } from 'react'
import { useFleet } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { useDock } from '../frame/dock'
import { Button, EmptyState, HostGlyph, Icon, IconButton, LinkButton, LoadingRows, Menu, Tag } from '../ui'
import { clockWords, countWords, dayWords, sizeWords } from '../ui/words'
import { generationMenu } from './base-acts'
import { type BaseCopy, type BaseRow, baseRows } from './base-rows'
import { UsersCell } from './UsersCell'

/** The bases of all hosts: which generations there are, where, whether they are the same, and who uses them. */
export function BasesPage() {
  const loaded = useFleet((fleet) => fleet.loaded)
  const hosts = useFleet((fleet) => fleet.hosts)
  const guests = useFleet((fleet) => fleet.guests)
  const bases = useFleet((fleet) => fleet.bases)
  const [words, setWords] = useState('')
  const deferred = useDeferredValue(words)
  const rows = useMemo(() => baseRows({ hosts, guests, bases }, deferred), [hosts, guests, bases, deferred])
  const all = useMemo(() => baseRows({ hosts, guests, bases }).length, [hosts, guests, bases])
  const reading = !loaded || hosts.some((host) => host.connection.phase === 'ready' && host.asOf === undefined)
  const away = hosts.filter((host) => host.connection.phase !== 'ready')
  return (
    <div className="bases-page">
      <header className="jp-h">
        <h1>Bases</h1>
        <div className="field jp-q">
          <Icon name="filter" size="s" />
          <input
            type="text"
            aria-label="Filter the bases by name, generation or host"
            placeholder="Filter by name, generation or host"
            spellCheck={false}
            autoComplete="off"
            value={words}
            onChange={(event) => setWords(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape' || words === '') return
              setWords('')
              event.preventDefault()
            }}
          />
        </div>
      </header>
      <p className="jp-f f3">
        <span role="status">
          {deferred === '' ? countWords(all, 'generation') : `${rows.length} of ${countWords(all, 'generation')}`}
        </span>
        <span>on {countWords(hosts.length, 'host')}</span>
        {away.length > 0 && <span className="amber">{countWords(away.length, 'host')} not connected</span>}
      </p>
      <div className="bp-b">
        {rows.length > 0 && <BaseGrid rows={rows} />}
        {all === 0 && reading && <LoadingRows rows={6} height={28} label="Reading the bases of the hosts" />}
        {all === 0 && !reading && (
          <EmptyState>
            {hosts.length === 0
              ? 'Bases are on hosts: add one first.'
              : 'No host has a base yet. Import an image in the Images tab of a host to clone guests from it.'}
          </EmptyState>
        )}
        {all > 0 && rows.length === 0 && (
          <EmptyState action={<LinkButton onClick={() => setWords('')}>Clear the filter</LinkButton>}>
            No base matches.
          </EmptyState>
        )}
      </div>
    </div>
  )
}

function BaseGrid({ rows }: { rows: readonly BaseRow[] }) {
  return (
    <table className="tbl bgrid">
      <thead>
        <tr>
          <th>Base</th>
          <th>Used by</th>
          <th className="n">Size</th>
          <th>sha256</th>
          <th>Imported</th>
          <th>
            <span className="sr">Actions</span>
          </th>
        </tr>
      </thead>
      {rows.map((row) => (
        <tbody key={row.key}>
          <GenerationLine row={row} />
          {row.copies.map((copy) => (
            <CopyLine key={copy.host.settings.id} copy={copy} />
          ))}
        </tbody>
      ))}
    </table>
  )
}

function GenerationLine({ row: { generation: one, copies, newest, differs } }: { row: BaseRow }) {
  const name = `generation ${one.generation} of ${one.base}`
  const users = copies.reduce((sum, { users }) => sum + users.length, 0)
  const source = copies.find(({ host }) => host.connection.phase === 'ready')
  return (
    <tr className="gen">
      <th scope="rowgroup">
        <span className="c wrap">
          <span className="c el">
            <Icon name="layers" size="s" className="f3" />
            <span className="el">
              {one.base} - generation {one.generation}
            </span>
          </span>
          {newest && <Tag>newest</Tag>}
          {differs.length > 0 && (
            <Tag tone="amber">
              <span title={differs.map(({ settings }) => settings.name).join(', ')}>
                another on {differs.length === 1 ? differs[0]?.settings.name : countWords(differs.length, 'host')}
              </span>
            </Tag>
          )}
        </span>
      </th>
      <td className="f2">{users === 0 ? 'nobody' : countWords(users, 'guest')}</td>
      <td className="n">{sizeWords(one.sizeBytes)}</td>
      <td className="mono f2" title={one.sha256}>
        {one.sha256.slice(0, 12)}
      </td>
      <td className="f2">{dayWords(one.importedAt)}</td>
      <td className="acts-c">
        <Button
          size="s"
          icon="copy"
          aria-label={`Copy ${name} to other hosts`}
          disabled={!source}
          onClick={() =>
            source &&
            showDialog({
              kind: 'copy-base',
              hostId: source.host.settings.id,
              base: one.base,
              generation: one.generation,
            })
          }
        >
          Copy to
        </Button>
      </td>
    </tr>
  )
}

function CopyLine({ copy: { host, generation: one, guests, users } }: { copy: BaseCopy }) {
  const { id, name } = host.settings
  const ready = host.connection.phase === 'ready'
  return (
    <tr>
      <td>
        <span className="c at">
          <HostGlyph shape={ready ? 'connected' : 'offline'} label="" />
          <LinkButton className="plain" onClick={() => useDock.getState().showHost(id, 'images')}>
            {name}
          </LinkButton>
          {!ready && <span className="f3 el">not connected{host.asOf !== undefined && `, as of ${clockWords(host.asOf)}`}</span>}
        </span>
      </td>
      <UsersCell users={users} />
      <td />
      <td />
      <td />
      <td className="acts-c">
        <Menu
          trigger={
            <IconButton icon="more" iconSize="s" label={`Actions for generation ${one.generation} of ${one.base} on ${name}`} />
          }
          entries={generationMenu(one, host, guests)}
        />
      </td>
    </tr>
  )
}
