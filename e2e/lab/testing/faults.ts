import { ulid } from 'ulid'
import { planCall } from '../../../src-main/jobs/define'
import { render } from '../../../src-main/jobs/render'
import { operations } from '../../../src-main/operations'
import { endedStates, type Job } from '../../../src-shared/models/job'
import type { OperationCall } from '../../../src-shared/operations'
import { jobWhen, type LabDomdeck } from './domdeck'
import { lab } from './lab'

/** A place in a script: right after its Nth `step`, or `steps + 1` for its very end, when all is done but not yet finished. */
export type Place = number

/** The places of an operation: after each of its steps began, and at its end. */
export function places(call: OperationCall): Place[] {
  return [...planCall(operations, call).steps.map((_, index) => index + 1), planCall(operations, call).steps.length + 1]
}

const hold = (place: Place): string => `tick "place-${place}" running; while [ ! -e "$JOB/go" ]; do sleep 0.1; done`

/**
 * Starts an operation whose script stops at one place until `release` is called, and resolves when it is there. The script is the
 * product's own but for that one line, so that a fault hits at the same place each time. `launched` does what else its start brings.
 */
export async function startHeld(
  { domdeck, host }: LabDomdeck,
  call: OperationCall,
  place: Place,
  launched?: (job: Job) => void,
): Promise<Job> {
  const plan = planCall(operations, call)
  const { standalone } = render(plan, host.settings.storageRoot)
  const [library, work] = splitOnce(standalone, `# ---- ${plan.operation} ----`)
  let steps = 0
  const lines = work.split('\n').flatMap((line) => {
    if (/^\s*step\s/.test(line)) {
      steps += 1
      if (steps === place) return [line, hold(place)]
    }
    if (line === 'finish' && place === plan.steps.length + 1) return [hold(place), line]
    return [line]
  })
  if (steps !== plan.steps.length) throw new Error(`${plan.operation} has ${steps} step lines for ${plan.steps.length} titles.`)
  const job = await domdeck.jobs.launch(host, {
    id: ulid(),
    about: { ...plan, by: 'test', from: 'workstation' },
    script: `${library}# ---- ${plan.operation} ----${lines.join('\n')}`,
  })
  launched?.(job)
  const isThere = ({ ticks }: Job) => ticks.some((tick) => tick.name === `place-${place}`)
  const held = await jobWhen(domdeck, job.id, (one) => isThere(one) || endedStates.has(one.state))
  if (!isThere(held)) throw new Error(`${plan.operation} ended before place ${place}: ${JSON.stringify(held.problem)}`)
  return held
}

/** Lets a held job go on. */
export async function release(job: Job): Promise<void> {
  await lab.sh(`: >/var/lib/domdeck/jobs/${job.id}/go`)
}

/** Kills the job's shell alone, as the kernel's out-of-memory killer would. */
export async function killJob(job: Job): Promise<void> {
  await lab.sh(`read -r pid _ </var/lib/domdeck/jobs/${job.id}/pid; kill -KILL "$pid"`)
}

/** Cuts every SSH connection of dom0 from its side, Domdeck's and the caller's own. */
export async function cutLinks(): Promise<void> {
  await lab.sh(`setsid sh -c 'sleep 0.3; pkill -KILL -f "^sshd: root"' >/dev/null 2>&1 </dev/null &`)
}

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  if (at < 0) throw new Error(`The rendered job holds no line ${mark}.`)
  return [text.slice(0, at), text.slice(at + mark.length)]
}
