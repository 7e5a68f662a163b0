import { useEffect, useRef } from 'react'
import { create } from 'zustand'
import type { Host } from '../../src-shared/models/host'
import type { Job } from '../../src-shared/models/job'
import type { Problem } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { asProblem } from '../api/problem'

/** A host keeps this many jobs that have ended (`start.sh`). */
export const rememberedJobs = 200

/** What one host remembered when it was asked last; each is asked by itself, so that a slow one delays nobody. */
export type HostHistory = {
  jobs: readonly Job[]
  /** When it answered; absent before it has. */
  asOf?: number
  loading: boolean
  problem?: Problem
}

type HistoryState = { parts: ReadonlyMap<string, HostHistory>; put(hostId: string, part: Partial<HostHistory>): void }

const nothing: HostHistory = { jobs: [], loading: false }

/** The histories by host id. What a host said stays while it is away. */
export const useHistories = create<HistoryState>((set) => ({
  parts: new Map(),
  put: (hostId, part) =>
    set(({ parts }) => {
      const { problem: _, ...before } = parts.get(hostId) ?? nothing
      return { parts: new Map(parts).set(hostId, { ...before, ...part }) }
    }),
}))

/** Whether a host has yet to say what it remembers. One that could not say it is not waited for. */
export const isAwaited = ({ connection }: Pick<Host, 'connection'>, part: HostHistory | undefined): boolean =>
  connection.phase === 'ready' && part?.asOf === undefined && part?.problem === undefined

/** Asks a host for all it remembers. */
export async function readHistory(hostId: string): Promise<void> {
  const { put } = useHistories.getState()
  put(hostId, { loading: true })
  try {
    put(hostId, { jobs: await currentClient().jobs.history({ hostId }), asOf: Date.now(), loading: false })
  } catch (error) {
    put(hostId, { loading: false, problem: asProblem(error) })
  }
}

/** Asks each connected host once while this is on screen, and again when it has been away. */
export function useReadHistories(hosts: readonly Host[]): void {
  const asked = useRef(new Set<string>())
  useEffect(() => {
    for (const { settings, connection } of hosts) {
      if (connection.phase !== 'ready') continue
      const key = `${settings.id} ${connection.since}`
      if (asked.current.has(key)) continue
      asked.current.add(key)
      void readHistory(settings.id)
    }
  }, [hosts])
}

/** The jobs of these hosts, newest first, each once: what is told live counts over what was remembered. */
export function mergeJobs(
  hostIds: ReadonlySet<string>,
  parts: ReadonlyMap<string, HostHistory>,
  live: readonly Job[],
): readonly Job[] {
  const jobs = new Map<string, Job>()
  for (const [hostId, part] of parts) if (hostIds.has(hostId)) for (const job of part.jobs) jobs.set(jobKey(job), job)
  for (const job of live) if (hostIds.has(job.hostId)) jobs.set(jobKey(job), job)
  return [...jobs.values()].sort((left, right) => right.startedAt - left.startedAt || (left.id < right.id ? 1 : -1))
}

/** Identity of a job over all hosts. */
export const jobKey = ({ hostId, id }: Pick<Job, 'hostId' | 'id'>): string => `${hostId}/${id}`

type JobsPageState = { filter: string; selected: string | undefined; setFilter(filter: string): void; select(key: string): void }

/** What the jobs page shows; kept while another tab is in front. */
export const useJobsPage = create<JobsPageState>((set) => ({
  filter: '',
  selected: undefined,
  setFilter: (filter) => set({ filter }),
  select: (selected) => set({ selected }),
}))
