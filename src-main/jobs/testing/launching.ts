import { ulid } from 'ulid'
import { endedStates, type Job } from '../../../src-shared/models/job'
import type { Plan } from '../define'
import type { JobHost } from '../job-host'
import type { Jobs } from '../jobs'
import { render } from '../render'

/** Who asks in the tests. */
export const tester = { by: 'tester', from: 'here' }

/** A plan of a script that no operation stands for. Its steps are the titles the script gives to `step`. */
export function planOf(script: string, more: Partial<Plan> = {}): Plan {
  const base: Plan = {
    operation: 'guest.start',
    title: 'Try a script',
    targets: ['one'],
    steps: [...script.matchAll(/^ *step "(.*)"$/gm)].map((match) => match[1] ?? ''),
    locks: [],
    danger: 'none',
    variables: {},
    script,
  }
  return { ...base, ...more }
}

/** Starts a plan on a host; `change` may break its text on the way (`withCuts`). */
export function launchPlan(jobs: Jobs, host: JobHost, plan: Plan, change = (text: string) => text): Promise<Job> {
  const script = change(render(plan, host.settings.storageRoot).standalone)
  return jobs.launch(host, { id: ulid(), about: { ...plan, ...tester }, script })
}

/** Whether the job is over, however it ended. */
export const hasEnded = (job: Job) => endedStates.has(job.state)
