import { type ReactNode, useMemo, useRef } from 'react'
import { useFleet } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { useKeys } from '../frame/keys'
import { useFleetProblem } from '../frame/streams'
import { useJobs } from '../jobs/store'
import { Button, EmptyState, Icon, IconButton, LinkButton, LoadingRows, ProblemNote } from '../ui'
import { BulkBar } from './BulkBar'
import { isOpen, parseFilter } from './filter'
import { treeRows } from './rows'
import { Tree } from './Tree'
import { useTree } from './tree-store'

/** The left column: filter, tree, and what can be done to several guests. `children` is its edge. */
export function Side({ children }: { children?: ReactNode }) {
  return (
    <nav className="side" aria-label="Fleet" data-region="side">
      <div className="side-h">
        <h2 className="t on">Fleet</h2>
        <span className="sp" />
        <IconButton icon="add" label="Add host" onClick={() => showDialog({ kind: 'add-host' })} />
      </div>
      <FilterBox />
      <FleetList />
      <BulkBar />
      {children}
    </nav>
  )
}

function FilterBox() {
  const { filter, setFilter } = useTree()
  const keys = useKeys('filter')
  const input = useRef<HTMLInputElement>(null)
  return (
    <div className="side-f">
      <div className="field">
        <Icon name="filter" size="s" />
        <input
          ref={input}
          id="fleet-filter"
          type="text"
          aria-label="Filter the fleet by name, state: or base:"
          placeholder="Filter by name, state:, base:"
          spellCheck={false}
          autoComplete="off"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && filter !== '') {
              event.preventDefault()
              setFilter('')
            } else if (event.key === 'Escape' || event.key === 'ArrowDown' || event.key === 'Enter') {
              event.preventDefault()
              document.querySelector<HTMLElement>('.tree')?.focus()
            }
          }}
        />
        {filter === '' ? (
          keys && <kbd>{keys}</kbd>
        ) : (
          <IconButton icon="close" iconSize="xs" size="xs" label="Clear the filter" onClick={() => setFilter('')} />
        )}
      </div>
    </div>
  )
}

function FleetList() {
  const loaded = useFleet((fleet) => fleet.loaded)
  const hosts = useFleet((fleet) => fleet.hosts)
  const guests = useFleet((fleet) => fleet.guests)
  const jobs = useJobs((state) => state.jobs)
  const { open, filter, setFilter } = useTree()
  const problem = useFleetProblem((state) => state.problem)
  const rows = useMemo(() => treeRows({ hosts, guests }, jobs, open, parseFilter(filter)), [hosts, guests, jobs, open, filter])
  if (!loaded && problem)
    return (
      <div className="tree tree-none">
        <ProblemNote problem={problem} />
      </div>
    )
  if (!loaded)
    return (
      <div className="tree tree-wait">
        <LoadingRows rows={6} height={24} label="Reading the fleet" />
      </div>
    )
  if (hosts.length === 0)
    return (
      <div className="tree tree-none">
        <EmptyState action={<Button onClick={() => showDialog({ kind: 'add-host' })}>Add host</Button>}>No hosts yet.</EmptyState>
      </div>
    )
  if (rows.length === 0 && !isOpen(parseFilter(filter)))
    return (
      <div className="tree tree-none">
        <EmptyState action={<LinkButton onClick={() => setFilter('')}>Clear the filter</LinkButton>}>
          No host or guest matches.
        </EmptyState>
      </div>
    )
  return <Tree rows={rows} />
}
