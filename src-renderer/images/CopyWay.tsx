import { currentClient } from '../api/page'
import { usePlan } from '../jobs/use-plan'

/** How the blocks of a copy come to a host, and why; found out by the host itself. */
export function CopyWay(way: { hostId: string; fromHostId: string; reach?: string }) {
  const { plan, problem, pending } = usePlan(way, (asked, signal) => currentClient().images.planCopy(asked, { signal }))
  return (
    <span className="f3" role="status">
      {pending ? 'looking for the way…' : plan ? `comes ${plan.words}` : problem?.detail}
    </span>
  )
}
