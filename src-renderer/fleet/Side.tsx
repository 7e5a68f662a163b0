import { type ReactNode, useMemo } from 'react'
import { useFleet } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { useDock } from '../frame/dock'
import { usePreferences } from '../frame/preferences'
import { useFleetProblem } from '../frame/streams'
import { useJobs } from '../jobs/store'
import { Button, EmptyState, IconButton, LinkButton, LoadingRows, ProblemNote } from '../ui'
import { BulkBar } from './BulkBar'
import { FilterBox } from './FilterBox'
import { isOpen, parseFilter } from './filter'
import { treeRows } from './rows'
import { SavedFilters } from './SavedFilters'
import { Tree } from './Tree'
import { useTree } from './tree-store'

/** The left column: filter, tree, and what can be done to several guests. `children` is its edge. */
export function Side({ children }: { children?: ReactNode }) {
  return (
    <nav className="side" aria-label="Fleet" data-region="side">
      <div className="side-h">
        <h2 className="t on">Fleet</h2>
        <button type="button" className="t" onClick={() => useDock.getState().showBases()}>
          Bases
        </button>
        <span className="sp" />
        <IconButton icon="layers" iconSize="s" label="New site" onClick={() => showDialog({ kind: 'site' })} />
        <IconButton icon="add" label="Add host" onClick={() => showDialog({ kind: 'add-host' })} />
      </div>
      <FilterBox />
      <SavedFilters />
      <FleetList />
      <BulkBar />
      {children}
    </nav>
  )
}

const noSites: readonly string[] = []

function FleetList() {
  const loaded = useFleet((fleet) => fleet.loaded)
  const hosts = useFleet((fleet) => fleet.hosts)
  const guests = useFleet((fleet) => fleet.guests)
  const jobs = useJobs((state) => state.jobs)
  const { open, folded, filter, setFilter } = useTree()
  const sites = usePreferences((preferences) => preferences.sites) ?? noSites
  const problem = useFleetProblem((state) => state.problem)
  const rows = useMemo(
    () => treeRows({ hosts, guests }, jobs, { open, folded, filter: parseFilter(filter), sites }),
    [hosts, guests, jobs, open, folded, filter, sites],
  )
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
