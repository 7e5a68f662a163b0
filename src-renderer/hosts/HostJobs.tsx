import { useMemo, useState } from 'react'
import type { Host } from '../../src-shared/models/host'
import { HistoryProblem } from '../jobs/HistoryProblem'
import { isAwaited, mergeJobs, useHistories, useReadHistories } from '../jobs/history'
import { JobLog } from '../jobs/JobLog'
import { JobTable } from '../jobs/JobTable'
import { useJobs } from '../jobs/store'
import { EmptyState, LoadingRows } from '../ui'

/** All jobs that a host remembers, newest first; those under way move as they go. What it said stays while it is away. */
export function HostJobs({ host }: { host: Host }) {
  const hostId = host.settings.id
  const live = useJobs((state) => state.jobs)
  const parts = useHistories((state) => state.parts)
  const hosts = useMemo(() => [host], [host])
  useReadHistories(hosts)
  const jobs = useMemo(() => mergeJobs(new Set([hostId]), parts, live), [hostId, parts, live])
  const [logOf, setLogOf] = useState<string>()

  const part = parts.get(hostId)
  const awaited = isAwaited(host, part)
  const log = jobs.find((job) => job.id === logOf)
  return (
    <>
      <HistoryProblem host={host} />
      {awaited && jobs.length === 0 && <LoadingRows rows={5} height={28} label="Reading the jobs" />}
      {!awaited && !part?.problem && jobs.length === 0 && (
        <EmptyState>
          {part?.asOf === undefined
            ? 'Jobs are read once the host is connected.'
            : `No job has run on ${host.settings.name} yet.`}
        </EmptyState>
      )}
      {jobs.length > 0 && <JobTable jobs={jobs} onLog={(job) => setLogOf(job.id)} />}
      {log && <JobLog job={log} onClose={() => setLogOf(undefined)} />}
    </>
  )
}
