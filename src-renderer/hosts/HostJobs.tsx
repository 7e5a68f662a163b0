import { useEffect, useState } from 'react'
import type { Host } from '../../src-shared/models/host'
import type { Job } from '../../src-shared/models/job'
import type { Problem } from '../../src-shared/problem'
import { usePage } from '../api/page'
import { asProblem } from '../api/problem'
import { JobLog } from '../jobs/JobLog'
import { JobTable } from '../jobs/JobTable'
import { useJobs } from '../jobs/store'
import { EmptyState, LoadingRows, ProblemNote } from '../ui'

/** All jobs that a host remembers, newest first; those under way move as they go. */
export function HostJobs({ host }: { host: Host }) {
  const hostId = host.settings.id
  const client = usePage((state) => state.page?.client)
  const live = useJobs((state) => state.jobs).filter((job) => job.hostId === hostId)
  const [history, setHistory] = useState<{ jobs: readonly Job[]; problem?: Problem }>()
  const [logOf, setLogOf] = useState<string>()
  const ready = host.connection.phase === 'ready'
  useEffect(() => {
    if (!client || !ready) return
    const gone = new AbortController()
    client.jobs.history({ hostId }, { signal: gone.signal }).then(
      (jobs) => setHistory({ jobs }),
      (error: unknown) => {
        if (!gone.signal.aborted) setHistory({ jobs: [], problem: asProblem(error) })
      },
    )
    return () => gone.abort()
  }, [client, hostId, ready])

  const known = new Set(live.map((job) => job.id))
  const jobs = [...live, ...(history?.jobs ?? []).filter((job) => !known.has(job.id))].sort((left, right) =>
    left.id < right.id ? 1 : -1,
  )
  const log = jobs.find((job) => job.id === logOf)
  return (
    <>
      {history?.problem && <ProblemNote problem={history.problem} />}
      {!history && ready && jobs.length === 0 && <LoadingRows rows={5} height={28} label="Reading the jobs" />}
      {(history || !ready) && !history?.problem && jobs.length === 0 && (
        <EmptyState>
          {ready ? `No job has run on ${host.settings.name} yet.` : 'Jobs are read once the host is connected.'}
        </EmptyState>
      )}
      {jobs.length > 0 && <JobTable jobs={jobs} onLog={(job) => setLogOf(job.id)} />}
      {log && <JobLog job={log} onClose={() => setLogOf(undefined)} />}
    </>
  )
}
