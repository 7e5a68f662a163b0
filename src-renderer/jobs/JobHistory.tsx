import { useEffect, useState } from 'react'
import type { Job } from '../../src-shared/models/job'
import type { Problem } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { asProblem } from '../api/problem'
import { hostById, useFleet } from '../fleet/store'
import { Dialog, EmptyState, LoadingRows, ProblemNote } from '../ui'
import { JobTable } from './JobTable'

type JobHistoryProps = { onLog(job: Job): void; onClose(): void }

/** All jobs that the connected hosts remember, newest first. */
export function JobHistory({ onLog, onClose }: JobHistoryProps) {
  const fleet = useFleet()
  const [found, setFound] = useState<{ jobs: Job[]; problems: Problem[] }>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: history is read when the dialog opens
  useEffect(() => {
    const ready = fleet.hosts.filter((host) => host.connection.phase === 'ready')
    void Promise.allSettled(ready.map((host) => currentClient().jobs.history({ hostId: host.settings.id }))).then((answers) =>
      setFound({
        jobs: answers
          .flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
          .sort((left, right) => right.startedAt - left.startedAt),
        problems: answers.flatMap((answer) => (answer.status === 'rejected' ? [asProblem(answer.reason)] : [])),
      }),
    )
  }, [])
  return (
    <Dialog title="Job history" width={912} onClose={onClose}>
      <div className="hist">
        {!found && <LoadingRows rows={8} height={28} label="Reading the history" />}
        {found?.problems.map((problem) => (
          <ProblemNote key={problem.detail} problem={problem} />
        ))}
        {found && found.jobs.length === 0 && <EmptyState>No job has run on the connected hosts yet.</EmptyState>}
        {found && found.jobs.length > 0 && (
          <JobTable jobs={found.jobs} hostName={(job) => hostById(fleet, job.hostId)?.settings.name} onLog={onLog} />
        )}
      </div>
    </Dialog>
  )
}
