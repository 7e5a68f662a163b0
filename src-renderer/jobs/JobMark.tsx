import type { Job } from '../../src-shared/models/job'
import { Glyph, Icon } from '../ui'

/** The state of a job, shape first. */
export function JobMark({ job }: { job: Job }) {
  switch (job.state) {
    case 'succeeded':
      return <Icon name="check" size="xs" className="green" />
    case 'failed':
    case 'interrupted':
      return <Glyph shape="crashed" label={job.state} />
    case 'cancelled':
      return <Glyph shape="halted" label="cancelled" />
    case 'queued':
    case 'unknown':
      return <Glyph shape={job.state} />
    default:
      return <Glyph shape="booting" label={job.state} />
  }
}
