import { useCallback, useEffect, useState } from 'react'
import type { Host } from '../../src-shared/models/host'
import type { HostBoot } from '../../src-shared/models/host-boot'
import type { Problem } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { useJobs } from '../jobs/store'

/** How often a boot that has yet to prove itself is looked at. */
const watchMs = 3000

/** Whether a host can be asked what it boots, and be made to boot something else: it is connected, with Xen or without. */
export const canBoot = ({ connection }: Host): boolean =>
  connection.phase === 'ready' || (connection.phase === 'blocked' && connection.problem.code === 'NOT_XEN')

/** What the host boots, read when somebody looks, when it comes back, when a job about it ends, and while a changed boot is on trial. */
export function useBoot(host: Host): { boot: HostBoot | undefined; busy: boolean; problem: Problem | undefined; again(): void } {
  const hostId = host.settings.id
  const [boot, setBoot] = useState<HostBoot>()
  const { run, busy, problem } = useCall()
  const again = useCallback(
    () =>
      void run(async () => {
        setBoot(await currentClient().boot.look({ hostId }))
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
  const watched = asked && boot?.held !== undefined && boot.held.state !== 'armed'
  useEffect(() => {
    if (!watched) return
    const timer = setInterval(again, watchMs)
    return () => clearInterval(timer)
  }, [watched, again])
  return { boot, busy, problem, again }
}
