import { useCallback, useEffect, useState } from 'react'
import type { HealthItem } from '../../src-shared/models/health'
import type { Host } from '../../src-shared/models/host'
import type { Problem } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { canBoot } from '../boot/use-boot'
import { useJobs } from '../jobs/store'

/** A host's health, looked at when somebody looks, when the host comes back, and when a job about it ends. */
export function useHealth(host: Host): {
  items: readonly HealthItem[] | undefined
  busy: boolean
  problem: Problem | undefined
  again(): void
} {
  const hostId = host.settings.id
  const [items, setItems] = useState<readonly HealthItem[]>()
  const { run, busy, problem } = useCall()
  const again = useCallback(
    () =>
      void run(async () => {
        setItems(await currentClient().health.look({ hostId }))
      }),
    [run, hostId],
  )
  const asked = canBoot(host)
  const ended = useJobs(({ jobs }) =>
    jobs
      .filter((job) => job.hostId === hostId && job.operation.startsWith('host.') && job.endedAt !== undefined)
      .map(({ id }) => id)
      .join(' '),
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: jobs that ended stand for what they changed
  useEffect(() => {
    if (asked) again()
  }, [asked, again, ended])
  return { items, busy, problem, again }
}
