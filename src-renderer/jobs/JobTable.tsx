import './jobs.css'
import type { Job } from '../../src-shared/models/job'
import { Button } from '../ui'
import { momentWords } from '../ui/words'
import { JobMark } from './JobMark'
import { duration, holderOf, outcome, whoWords } from './words'

type JobTableProps = {
  jobs: readonly Job[]
  onLog(job: Job): void
}

/** Jobs of one host as a table: what, how it ended, who, when and how long. */
export function JobTable({ jobs, onLog }: JobTableProps) {
  return (
    <table className="tbl jtbl">
      <thead>
        <tr>
          <th>Job</th>
          <th>Outcome</th>
          <th className="j-by">By</th>
          <th className="j-at">Started</th>
          <th className="n j-took">Took</th>
          <th>
            <span className="sr">Log</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <tr key={`${job.hostId}/${job.id}`}>
            <td>
              <span className="c">
                <JobMark job={job} />
                <span>{job.title}</span>
              </span>
            </td>
            <td className={job.state === 'failed' || job.state === 'interrupted' ? 'red' : 'f2'}>
              {outcome(job, holderOf(job, jobs))}
            </td>
            <td className="f2" title={whoWords(job)}>
              {job.by}
            </td>
            <td className="f2">{momentWords(job.startedAt)}</td>
            <td className="n f2">{job.endedAt === undefined ? '' : duration(job.endedAt - job.startedAt)}</td>
            <td className="acts-c">
              <Button size="xs" kind="ghost" aria-label={`Log of ${job.title}`} onClick={() => onLog(job)}>
                Log
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
