import type { Host } from '../../src-shared/models/host'
import { Button, ProblemNote } from '../ui'
import { readHistory, useHistories } from './history'

/** Why a host could not say what jobs it remembers; nothing when it could. */
export function HistoryProblem({ host, className }: { host: Host; className?: string }) {
  const { id, name } = host.settings
  const problem = useHistories(({ parts }) => parts.get(id)?.problem)
  if (!problem) return null
  const again = (
    <Button
      aria-label={`Read the jobs of ${name} again`}
      disabled={host.connection.phase !== 'ready'}
      onClick={() => void readHistory(id)}
    >
      Try again
    </Button>
  )
  return (
    <div className={className}>
      <ProblemNote problem={problem} action={again} />
    </div>
  )
}
