import type { AuditedJob } from '../../src-shared/contract/jobs'
import type { Problem } from '../../src-shared/problem'
import { whoWords } from './words'

/** What one host answered; a host that could not be asked is in the export too, as missing. */
export type HostAudit = { host: string } & ({ jobs: readonly AuditedJob[] } | { missing: Problem })

const columns = [
  'host',
  'job',
  'operation',
  'title',
  'targets',
  'who',
  'started',
  'ended',
  'state',
  'cancelled by',
  'rolled back by',
  'kind',
  'command',
] as const

const time = (epochMs: number | undefined): string => (epochMs === undefined ? '' : new Date(epochMs).toISOString())

/**
 * A line a command, with the job it belongs to; a job without commands and a host without an answer have a line each. RFC 4180. A
 * cell that a spreadsheet would take for a formula gets an apostrophe.
 */
export function auditCsv(hosts: readonly HostAudit[]): string {
  const rows = hosts.flatMap((audit): string[][] => {
    if ('missing' in audit) {
      const { title, detail } = audit.missing
      return [[audit.host, '', '', `${title}: ${detail}`, ...Array.from({ length: 7 }, () => ''), 'missing', '']]
    }
    return audit.jobs.flatMap(({ job, commands }) => {
      const about = [
        ...[audit.host, job.id, job.operation, job.title, job.targets.join(' '), whoWords(job), time(job.startedAt)],
        ...[time(job.endedAt), job.state, job.cancelledBy ?? '', job.recoveredBy ?? ''],
      ]
      if (commands.length === 0) return [[...about, 'job', '']]
      return commands.map(({ command, undo }) => [...about, undo ? 'undo' : 'command', command])
    })
  })
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** The same as one object, for programs. */
export function auditJson(hosts: readonly HostAudit[], range: { from: number; to: number }): string {
  const answered = hosts.flatMap((audit) => ('jobs' in audit ? audit.jobs.map((one) => ({ host: audit.host, ...one })) : []))
  const audit = {
    format: 1,
    from: time(range.from),
    to: time(range.to),
    hosts: hosts.flatMap((each) => ('jobs' in each ? [each.host] : [])),
    missing: hosts.flatMap((each) => ('missing' in each ? [{ host: each.host, reason: each.missing.detail }] : [])),
    jobs: answered.map(({ host, job, commands }) => ({
      host,
      id: job.id,
      operation: job.operation,
      title: job.title,
      targets: job.targets,
      who: whoWords(job),
      started: time(job.startedAt),
      ended: time(job.endedAt) || null,
      state: job.state,
      cancelledBy: job.cancelledBy ?? null,
      rolledBackBy: job.recoveredBy ?? null,
      commands,
    })),
  }
  return `${JSON.stringify(audit, undefined, 2)}\n`
}
