import type { Job } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useJobs } from './store'

/** Starts an operation as a job. Its row shows at once; a refusal is thrown as the problem of the main side. */
export async function startOperation(hostId: string, call: OperationCall): Promise<Job> {
  const job = await currentClient().jobs.start({ hostId, call })
  useJobs.getState().meet(job)
  return job
}

/** Asks a job to stop and to remove what it made. */
export async function cancelJob(job: Job): Promise<void> {
  await currentClient().jobs.cancel({ hostId: job.hostId, jobId: job.id })
}

/** Runs the undo of an interrupted job. */
export async function recoverJob(job: Job): Promise<void> {
  await currentClient().jobs.recover({ hostId: job.hostId, jobId: job.id })
}

/** Calls back for each object of a job as it gets done, once each, until the job has ended. */
export function onDone(jobId: string, callback: (name: string) => void): void {
  const told = new Set<string>()
  const stop = useJobs.subscribe(({ jobs }) => {
    const job = jobs.find(({ id }) => id === jobId)
    for (const tick of job?.ticks ?? []) {
      if (tick.state !== 'done' || told.has(tick.name)) continue
      told.add(tick.name)
      callback(tick.name)
    }
    if (!job || job.endedAt !== undefined) stop()
  })
}
