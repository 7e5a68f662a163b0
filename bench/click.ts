import type { LabDomdeck } from '../e2e/lab/testing/domdeck'
import { endedStates } from '../src-shared/models/job'
import type { OperationInput } from '../src-shared/operations'
import type { Bench } from './bench'
import { cloneInput } from './clone-input'
import { median, seconds } from './figures'
import { mustSucceed } from './stage'

const rounds = 3

/** How long a person waits for `xl create` to begin, of which nothing can be saved. */
export const click: Bench = {
  name: 'click',
  title: 'from the click to xl create, against xl create itself',
  async run(stage) {
    const domdeck = await stage.debian()
    const before: number[] = []
    const creating: number[] = []
    for (let round = 0; round <= rounds; round++) {
      const input = cloneInput(domdeck.base, [`click-${round}`])
      const times = await boot(domdeck, input)
      stage.say(`${seconds(times.before)} to xl create, which took ${seconds(times.creating)}${round === 0 ? ' (warm-up)' : ''}`)
      for (const { name, uuid } of input.guests) {
        await mustSucceed(domdeck, { operation: 'guest.destroy', input: { name, uuid } })
        await mustSucceed(domdeck, { operation: 'guest.delete', input: { name, uuid } })
      }
      if (round === 0) continue
      before.push(times.before)
      creating.push(times.creating)
    }
    return [
      {
        title: 'Click to `xl create` started',
        measured: seconds(median(before)),
        against: `${seconds(median(creating))}, xl create of a Debian guest`,
        value: (100 * median(before)) / median(creating),
        unit: '%',
        target: { atMost: 15 },
        how:
          'an overlay clone in the lab, from the call that the button makes to the news, here, that `xl create` begins; against the ' +
          `time to the news that it has ended. Median of ${rounds}.`,
      },
    ]
  },
}

/** Seconds before `xl create` and in it, by the news that reach the app. */
async function boot({ domdeck, host }: LabDomdeck, input: OperationInput<'guest.clone'>) {
  const stop = new AbortController()
  const name = input.guests[0]?.name ?? ''
  const news = (async () => {
    let began: number | undefined
    let ended: number | undefined
    for await (const event of domdeck.jobs.watch(stop.signal)) {
      if (event.type !== 'job' || !event.job.targets.includes(name)) continue
      const { state, ticks, title, problem } = event.job
      const tick = ticks.find((one) => one.name === name)?.state
      if (tick === 'running') began ??= performance.now()
      if (tick === 'done') ended ??= performance.now()
      if (!endedStates.has(state)) continue
      if (state !== 'succeeded' || began === undefined || ended === undefined)
        throw new Error(`${title}: ${state}. ${problem?.detail ?? 'It did not tell of xl create.'}`)
      return { began, ended }
    }
    throw new Error('The watch of jobs ended.')
  })()
  try {
    const clicked = performance.now()
    await domdeck.jobs.start(host, { operation: 'guest.clone', input }, { by: 'bench', from: 'workstation' })
    const { began, ended } = await news
    return { before: (began - clicked) / 1000, creating: (ended - began) / 1000 }
  } finally {
    stop.abort()
  }
}
