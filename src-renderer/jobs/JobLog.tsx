import { useState } from 'react'
import type { Job } from '../../src-shared/models/job'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { Button, Dialog, ProblemNote } from '../ui'
import { LogView } from './LogView'
import { useJobs } from './store'
import { holderOf, outcome, whoWords } from './words'

/** The log of one job as it grows, and the script it ran with. */
export function JobLog({ job, onClose }: { job: Job; onClose(): void }) {
  const holder = useJobs(({ jobs }) => holderOf(job, jobs))
  const script = useCall()
  const [copied, setCopied] = useState(false)
  const copyScript = async (): Promise<void> => {
    const done = await script.run(async () => {
      const { standalone } = await currentClient().jobs.script({ hostId: job.hostId, jobId: job.id })
      await navigator.clipboard.writeText(standalone)
      return true
    })
    setCopied(done === true)
  }
  return (
    <Dialog
      title={job.title}
      beside={<span className="f2">{outcome(job, holder)}</span>}
      width={912}
      onClose={onClose}
      footer={
        <>
          <span className="f2">
            By {whoWords(job)} · <span className="mono">{job.id}</span>
          </span>
          <span className="sp" />
          <Button icon="code" disabled={script.busy} onClick={() => void copyScript()}>
            {copied ? 'Copied' : 'Copy as script'}
          </Button>
        </>
      }
    >
      <div className="log">
        {job.problem && <ProblemNote problem={job.problem} />}
        {script.problem && <ProblemNote problem={script.problem} />}
        <LogView job={job} />
      </div>
    </Dialog>
  )
}
