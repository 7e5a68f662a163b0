import './jobs.css'
import type { Job } from '../../src-shared/models/job'
import { Button } from '../ui'
import { clockWords } from '../ui/words'
import { JobMark } from './JobMark'
import { duration, outcome } from './words'

type JobTableProps = {
  jobs: readonly Job[]
  /** Name of a job's host, where the jobs are of several. */
  hostName?: (job: Job) => string | undefined
  onLog(job: Job): void
}

/** Jobs as a table: what, how it ended, who, when and how long. */
export function JobTable({ jobs, hostName, onLog }: JobTableProps) {
  return (
    <table className="tbl jtbl">
      <thead>
        <tr>
          <th>Job</th>
          {hostName && <th className="j-host">Host</th>}
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
            {hostName && <td className="f2">{hostName(job)}</td>}
            <td className={job.state === 'failed' || job.state === 'interrupted' ? 'red' : 'f2'}>{outcome(job)}</td>
            <td className="f2" title={`${job.by} from ${job.from}`}>
              {job.by}
            </td>
            <td className="f2">
              {new Date(job.startedAt).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}{' '}
              {clockWords(job.startedAt)}
            </td>
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
