import { create } from 'zustand'
import type { DomdeckClient } from '../../src-shared/contract'
import type { FleetEvent } from '../../src-shared/contract/fleet'
import type { Problem } from '../../src-shared/problem'
import { usePage } from '../api/page'
import { asProblem } from '../api/problem'
import { useConsoles } from '../consoles/store'
import { useBulks } from '../fleet/bulk-store'
import { useFleet } from '../fleet/store'
import { useTree } from '../fleet/tree-store'
import { useJobs } from '../jobs/store'
import { applyRuns } from '../sequences/runs'
import { useAbout } from './about'
import { tabId, useDock } from './dock'
import { tellProblem } from './notices'
import { loadPreferences } from './preferences'

const againMs = 1000

/** Why the fleet cannot be followed right now. */
export const useFleetProblem = create<{ problem: Problem | undefined }>(() => ({ problem: undefined }))

/** Follows the fleet, the jobs and the preferences on every connection of the page. Called once. */
export function followMainSide(): void {
  useFleet.subscribe(({ hosts }, before) => {
    if (hosts === before.hosts) return
    const ids = hosts.map((host) => host.settings.id)
    useTree.getState().meet(ids)
    for (const tab of useDock.getState().tabs) {
      if (tab.kind === 'host' && !ids.includes(tab.hostId)) useDock.getState().close(tabId(tab))
    }
  })
  // Consoles that open by themselves after a clone come into sight.
  useConsoles.subscribe(({ panes }, before) => {
    if (panes.size > before.panes.size) useDock.getState().showConsoles()
  })
  usePage.subscribe(({ page }, before) => {
    if (!page || page === before.page) return
    const lost = new AbortController()
    page.onLost(() => lost.abort())
    const { client } = page
    void follow((signal) => client.fleet.watch(undefined, { signal }), takeFleet, lost.signal, onFleetProblem)
    void follow((signal) => client.bulk.watch(undefined, { signal }), useBulks.getState().apply, lost.signal)
    void follow((signal) => client.jobs.watch(undefined, { signal }), useJobs.getState().apply, lost.signal)
    void follow((signal) => client.sequences.watch(undefined, { signal }), applyRuns, lost.signal)
    void readPreferences(client)
    void readAbout(client)
  })
}

function takeFleet(event: FleetEvent): void {
  if (event.type === 'snapshot') useFleetProblem.setState({ problem: undefined })
  useFleet.getState().apply(event)
}

function onFleetProblem(problem: Problem): void {
  useFleetProblem.setState({ problem })
}

/** Takes every event of a stream, and begins again when it fails while the connection stands. Each stream starts with a snapshot. */
async function follow<Event>(
  watch: (signal: AbortSignal) => Promise<AsyncIterable<Event>>,
  take: (event: Event) => void,
  signal: AbortSignal,
  onProblem: (problem: Problem) => void = () => {},
): Promise<void> {
  while (!signal.aborted) {
    try {
      const taken = inBatches(take)
      for await (const event of await watch(signal)) taken(event)
    } catch (error) {
      if (signal.aborted) return
      console.warn('A stream of the main side ended and is asked for again:', error)
      onProblem(asProblem(error))
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, againMs))
  }
}

/** While events pour in, the page draws itself anew at most so often: a bulk on hundreds of guests tells of hundreds of changes a second. */
const batchMs = 100

/** Takes an event at once after a quiet time, and those that follow soon together, in their order: what they change is drawn once. */
export function inBatches<Event>(take: (event: Event) => void): (event: Event) => void {
  let waiting: Event[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = (): void => {
    const events = waiting
    waiting = []
    timer = events.length > 0 ? setTimeout(flush, batchMs) : undefined
    for (const event of events) take(event)
  }
  return (event) => {
    waiting.push(event)
    if (timer === undefined) flush()
  }
}

async function readPreferences(client: DomdeckClient): Promise<void> {
  try {
    loadPreferences(await client.settings.preferences())
  } catch (error) {
    console.warn('Preferences could not be read; the page uses its own:', error)
  }
}

async function readAbout(client: DomdeckClient): Promise<void> {
  try {
    const about = await client.settings.about()
    const known = useAbout.getState().about
    useAbout.setState({ about })
    if (about.problem && about.problem.detail !== known?.problem?.detail) tellProblem('Domdeck', about.problem)
  } catch (error) {
    console.warn('The main side did not say what it is:', error)
  }
}
