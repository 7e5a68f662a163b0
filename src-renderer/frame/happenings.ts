import { describeGuestNames } from '../../src-shared/guest-names'
import type { Guest } from '../../src-shared/models/guest'
import { endedStates, type Job } from '../../src-shared/models/job'
import { type Fleet, useFleet } from '../fleet/store'
import { reveal } from '../fleet/tree-store'
import { useJobs } from '../jobs/store'
import { duration, outcome } from '../jobs/words'
import { countWords } from '../ui/words'
import { useAbout } from './about'
import { type News, tellNews } from './notices'
import { usePreferences } from './preferences'

/** A job that takes longer is one that people turn away from. */
export const longJobMs = 10_000
/** A guest that stops within this time of a job about it was stopped by the job. */
const afterJobMs = 60_000

/** Long jobs of this person that were under way and have ended. */
export function endedJobs(before: readonly Job[], now: readonly Job[], me: { user: string; workstation: string }): Job[] {
  const running = new Set(before.filter((job) => !endedStates.has(job.state)).map((job) => job.id))
  return now.filter(
    (job) =>
      running.has(job.id) &&
      endedStates.has(job.state) &&
      job.endedAt !== undefined &&
      job.endedAt - job.startedAt > longJobMs &&
      job.by === me.user &&
      job.from === me.workstation,
  )
}

type Lives = Pick<Fleet, 'loaded' | 'hosts' | 'guests'>

/**
 * Guests that went wrong between two states of the fleet, by host. `crashed`: Xen says so. `stopped`: one that ran is down and
 * no job of ours was about it; whether it was shut down from inside or by somebody else, or crashed and was destroyed for it,
 * dom0 does not tell.
 */
export function guestTroubles(before: Lives, now: Lives, jobs: readonly Job[], nowMs: number) {
  const troubles: { hostId: string; hostName: string; crashed: Guest[]; stopped: Guest[] }[] = []
  if (!before.loaded) return troubles
  for (const { settings, connection } of now.hosts) {
    const [was, is] = [before.guests.get(settings.id), now.guests.get(settings.id)]
    if (!was || !is || was === is || connection.phase !== 'ready') continue
    const byId = new Map(is.map((guest) => [guest.id, guest]))
    const byName = new Map(is.map((guest) => [guest.name, guest]))
    const crashed = was.filter((guest) => guest.state !== 'crashed' && byId.get(guest.id)?.state === 'crashed')
    const stopped = was.filter((guest) => {
      // Without a UUID in its config a guest has another id while it is down.
      const after = byId.get(guest.id) ?? byName.get(guest.name)
      return guest.state === 'running' && (!after || after.state === 'halted') && !hasJob(jobs, guest, nowMs)
    })
    if (crashed.length + stopped.length > 0) troubles.push({ hostId: settings.id, hostName: settings.name, crashed, stopped })
  }
  return troubles
}

function hasJob(jobs: readonly Job[], guest: Guest, nowMs: number): boolean {
  return jobs.some(
    (job) =>
      job.hostId === guest.hostId &&
      job.targets.includes(guest.name) &&
      (job.endedAt === undefined || nowMs - job.endedAt < afterJobMs),
  )
}

/** Tells of long jobs that ended while nobody looked, and of guests in trouble. Called once. */
export function followHappenings(): void {
  useJobs.subscribe(({ jobs }, before) => {
    const { about } = useAbout.getState()
    const { tellJobEnds, tellJobFailures } = usePreferences.getState()
    if (jobs === before.jobs || !about || document.hasFocus()) return
    for (const job of endedJobs(before.jobs, jobs, about)) {
      const failed = job.state === 'failed' || job.state === 'interrupted'
      if (failed ? tellJobFailures : tellJobEnds) tell(jobNews(job, failed))
    }
  })
  useFleet.subscribe((now, before) => {
    if (now.guests === before.guests) return
    const { tellCrashes, tellStops } = usePreferences.getState()
    if (!tellCrashes && !tellStops) return
    for (const { hostId, hostName, crashed, stopped } of guestTroubles(before, now, useJobs.getState().jobs, Date.now())) {
      if (tellCrashes && crashed.length > 0) tell(guestNews(hostId, hostName, crashed, 'crashed'))
      if (tellStops && stopped.length > 0) tell(guestNews(hostId, hostName, stopped, 'stopped'))
    }
  })
}

function jobNews(job: Job, failed: boolean): News {
  return {
    key: `job ${job.id}`,
    tone: failed ? 'bad' : job.state === 'succeeded' ? 'good' : 'plain',
    title: job.title,
    text: `${outcome(job)}, after ${duration((job.endedAt ?? job.startedAt) - job.startedAt)}.`,
    show: () => showJob(job.id),
  }
}

function guestNews(hostId: string, hostName: string, guests: readonly Guest[], what: 'crashed' | 'stopped'): News {
  const names = describeGuestNames(guests.map(({ name }) => name))
  const subject = guests.length === 1 ? names : countWords(guests.length, 'guest')
  const [first] = guests
  return {
    key: `${what} ${hostId} ${first?.id ?? ''}`,
    tone: what === 'crashed' ? 'bad' : 'plain',
    title: what === 'crashed' ? `${subject} crashed` : `${subject} stopped without a job`,
    text: guests.length === 1 ? `On ${hostName}.` : `${names} on ${hostName}.`,
    show: () => reveal(hostId, first),
  }
}

/** Brings the row of a job in the tray into sight, with the focus on it. */
export function showJob(jobId: string): void {
  usePreferences.getState().change({ trayOpen: true })
  // The tray opens first.
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-job="${CSS.escape(jobId)}"] button`)?.focus())
}

/** On the page, and on the desktop while the window has not the focus. */
export function tell(news: News): void {
  tellNews(news)
  if (document.hasFocus() || !('Notification' in window) || Notification.permission !== 'granted') return
  const notification = new Notification(news.title, { body: news.text, tag: news.key })
  notification.onclick = () => {
    window.focus()
    news.show()
    notification.close()
  }
}
