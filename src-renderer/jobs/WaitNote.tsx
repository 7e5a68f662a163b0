import { useEffect, useState } from 'react'
import type { Lock } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { Note } from '../ui'
import { useJobs } from './store'
import { atWorkWords, blockers } from './words'

const noLocks: readonly Lock[] = []

/** Says whom a call would have to wait for if it were started now, as their jobs go on. */
export function WaitNote({ hostId, call }: { hostId: string; call: OperationCall }) {
  const [locks, setLocks] = useState(noLocks)
  const key = JSON.stringify(call)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the call, which is a new object at each plan
  useEffect(() => {
    let stale = false
    currentClient()
      .jobs.preview({ hostId, call })
      .then(
        (preview) => !stale && setLocks(preview.locks),
        // Whoever starts the call is told why it cannot be.
        () => !stale && setLocks(noLocks),
      )
    return () => {
      stale = true
    }
  }, [hostId, key])
  return <LocksNote hostId={hostId} locks={locks} />
}

/** The same for locks that are known already. */
export function LocksNote({ hostId, locks }: { hostId: string; locks: readonly Lock[] }) {
  const jobs = useJobs((state) => state.jobs)
  const before = blockers(locks, hostId, jobs)
  if (before.length === 0) return null
  return (
    <Note tone="cyan">
      {before.map((job) => (
        <div key={job.id}>Waits for {atWorkWords(job)}</div>
      ))}
    </Note>
  )
}
