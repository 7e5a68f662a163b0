import { useId, useState } from 'react'
import type { Host } from '../../src-shared/models/host'
import { ProblemError } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { asProblem } from '../api/problem'
import { useFleet } from '../fleet/store'
import { Button, Dialog, Field, Note, Segmented, TextInput } from '../ui'
import { download } from '../ui/download'
import { auditCsv, auditJson, type HostAudit } from './audit'
import { rememberedJobs } from './history'

type AuditFormat = 'csv' | 'json'

const dayMs = 86_400_000
const dayOf = (epochMs: number): string => {
  const date = new Date(epochMs)
  const pad = (value: number): string => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
}

/** The beginning of a day in the reader's zone, or undefined for what is no day. */
export function dayStart(day: string): number | undefined {
  const trimmed = day.trim()
  if (!/^\d{4}-\d{2}-\d{2}$/.test(trimmed)) return undefined
  const start = new Date(`${trimmed}T00:00:00`).getTime()
  // 2026-02-31 would be a day of March.
  return !Number.isNaN(start) && dayOf(start) === trimmed ? start : undefined
}

/** Who did what, when and with which commands, over all hosts, as a file. */
export function AuditDialog({ onClose }: { onClose(): void }) {
  const hosts = useFleet((fleet) => fleet.hosts)
  const [from, setFrom] = useState(() => dayOf(Date.now() - 30 * dayMs))
  const [to, setTo] = useState(() => dayOf(Date.now()))
  const [format, setFormat] = useState<AuditFormat>('csv')
  const [asking, setAsking] = useState(0)
  const [done, setDone] = useState<{ jobs: number; missing: readonly string[] }>()
  const form = useId()
  const [start, last] = [dayStart(from), dayStart(to)]
  const noDay = 'Enter a day as 2026-11-20.'
  const backwards = start !== undefined && last !== undefined && last < start
  const away = hosts.filter((host) => host.connection.phase !== 'ready')

  const save = async (): Promise<void> => {
    if (start === undefined || last === undefined || backwards || asking > 0) return
    // The last day whole, also one of 23 or 25 hours.
    const range = { from: start, to: dayStart(dayOf(last + dayMs * 1.5)) ?? last + dayMs }
    setDone(undefined)
    setAsking(hosts.length)
    const audits = await Promise.all(hosts.map((host) => ask(host, range).finally(() => setAsking((before) => before - 1))))
    const text = format === 'csv' ? auditCsv(audits) : auditJson(audits, range)
    download(`domdeck-audit-${from.trim()}-${to.trim()}.${format}`, format === 'csv' ? 'text/csv' : 'application/json', text)
    setDone({
      jobs: audits.reduce((sum, audit) => sum + ('jobs' in audit ? audit.jobs.length : 0), 0),
      missing: audits.flatMap((audit) => ('missing' in audit ? [audit.host] : [])),
    })
  }
  return (
    <Dialog
      title="Audit export"
      onClose={onClose}
      footer={
        <>
          <span className="f2" role="status">
            {asking > 0 && `Asking the hosts, ${asking} to go`}
          </span>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            Close
          </Button>
          <Button
            kind="primary"
            icon="download"
            keys="Enter"
            submit
            form={form}
            disabled={start === undefined || last === undefined || backwards || asking > 0}
          >
            Save file
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="dform"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <p className="f2">
          Who did what, when, and every command of its log. A host keeps its newest {rememberedJobs} jobs; older ones are not in
          the file.
        </p>
        <TextInput label="First day" value={from} onChange={setFrom} error={start === undefined ? noDay : undefined} />
        <TextInput
          label="Last day"
          value={to}
          onChange={setTo}
          error={last === undefined ? noDay : backwards ? 'The last day is before the first.' : undefined}
        />
        <Field label="Format">
          <Segmented<AuditFormat>
            label="Format"
            value={format}
            options={[
              { value: 'csv', label: 'CSV' },
              { value: 'json', label: 'JSON' },
            ]}
            onChange={setFormat}
          />
        </Field>
        {away.length > 0 && !done && (
          <Note tone="amber">
            Not connected, named as missing in the file: {away.map((host) => host.settings.name).join(', ')}.
          </Note>
        )}
        {done && (
          <Note tone={done.missing.length > 0 ? 'amber' : 'plain'}>
            <span role="status">
              Saved with {done.jobs} {done.jobs === 1 ? 'job' : 'jobs'}.
              {done.missing.length > 0 && ` Named as missing: ${done.missing.join(', ')}.`}
            </span>
          </Note>
        )}
      </form>
    </Dialog>
  )
}

async function ask({ settings, connection }: Host, range: { from: number; to: number }): Promise<HostAudit> {
  const host = settings.name
  if (connection.phase !== 'ready') {
    return { host, missing: new ProblemError('HOST_NOT_READY', `${host} was not connected when this was exported.`).problem }
  }
  try {
    return { host, jobs: await currentClient().jobs.audit({ hostId: settings.id, ...range }) }
  } catch (error) {
    return { host, missing: asProblem(error) }
  }
}
