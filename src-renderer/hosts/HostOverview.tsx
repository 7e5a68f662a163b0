import type { ReactNode } from 'react'
import type { Generation } from '../../src-shared/models/base'
import type { Guest } from '../../src-shared/models/guest'
import type { Host, HostFacts } from '../../src-shared/models/host'
import { memoryShare } from '../fleet/faces'
import { showDialog } from '../frame/dialogs'
import { useDock } from '../frame/dock'
import { Bar, Button, KeyValue, LinkButton, LoadingRows, Note } from '../ui'
import { clockWords, countWords, memoryWords, sizeWords, spanWords } from '../ui/words'
import { ConnectionPhases, NextTry } from './ConnectionView'
import { GuestsTable } from './HostGuests'
import { BasesTable } from './HostImages'
import { whereOf } from './where'

type HostOverviewProps = { host: Host; guests: readonly Guest[]; generations: readonly Generation[] }

const shownGuests = 12

/** What one wants to know of a host first. */
export function HostOverview({ host, guests, generations }: HostOverviewProps) {
  const { facts } = host
  if (!facts)
    return host.connection.phase === 'ready' ? (
      <LoadingRows rows={8} height={28} label="Reading the host" />
    ) : (
      <Arriving host={host} />
    )
  return (
    <div className="ov">
      <div className="ov-main">
        {facts.missingTools.length > 0 && (
          <Note tone="amber">
            {host.settings.name} lacks {facts.missingTools.join(', ')}. What needs them will say so.
          </Note>
        )}
        <Heading title="Guests" beside={runningWords(host, guests)} />
        <GuestsTable guests={guests.slice(0, shownGuests)} host={host} />
        {guests.length > shownGuests && (
          <LinkButton onClick={() => useDock.getState().setHostTab(host.settings.id, 'guests')}>
            {countWords(guests.length - shownGuests, 'more guest')}
          </LinkButton>
        )}
        <Heading title="Bases" beside={countWords(generations.length, 'generation')}>
          <Button
            size="s"
            icon="download"
            disabled={host.connection.phase !== 'ready'}
            onClick={() => showDialog({ kind: 'import', hostId: host.settings.id })}
          >
            Import base
          </Button>
        </Heading>
        <BasesTable host={host} generations={generations} guests={guests} />
      </div>
      <div className="ov-side">
        <Resources host={host} />
        <Connection host={host} />
      </div>
    </div>
  )
}

/** What there is to see before the host has been read: how far it has come. The reason it stands still is above the tabs' content. */
function Arriving({ host }: { host: Host }) {
  const { connection } = host
  return (
    <div className="card ov-arrive">
      <ConnectionPhases host={host} />
      {connection.phase === 'waiting' && <NextTry until={connection.until} attempt={connection.attempt} />}
    </div>
  )
}

function runningWords(host: Host, guests: readonly Guest[]): string {
  const running = guests.filter((guest) => guest.state === 'running').length
  return host.connection.phase === 'ready'
    ? `${running} running of ${guests.length}`
    : `${running} of ${guests.length} were running`
}

function Heading({ title, beside, children }: { title: string; beside: string; children?: ReactNode }) {
  return (
    <div className="ov-h">
      <h2>{title}</h2>
      <span className="f3">{beside}</span>
      <span className="sp" />
      {children}
    </div>
  )
}

function Resources({ host }: { host: Host }) {
  const { facts } = host
  if (!facts) return null
  return (
    <section className="card">
      <h3 className="h3">Resources</h3>
      <KeyValue name="Memory">
        {memoryWords(facts.freeMemoryMb)} free of {memoryWords(facts.memoryMb)}
      </KeyValue>
      <Bar share={memoryShare(host) ?? 0} label="Memory in use" />
      <KeyValue name="Storage">
        {sizeWords(facts.storageFreeBytes)} free of {sizeWords(facts.storageBytes)}
      </KeyValue>
      <Bar share={1 - facts.storageFreeBytes / Math.max(1, facts.storageBytes)} label="Storage in use" />
      {facts.storageFreeBytes < facts.storageBytes / 10 && (
        <Note tone="amber">
          Less than a tenth is free, so no new layers are made here. Guests that write stop when it is gone.
        </Note>
      )}
      <KeyValue name="On" mono>
        {host.settings.storageRoot} <span className="f3">{facts.storageFileSystem}</span>
      </KeyValue>
      {facts.pools.map((pool) => (
        <Pool key={pool.name} pool={pool} />
      ))}
      <KeyValue name="Threads">{facts.threads}</KeyValue>
      <KeyValue name="Bridges" mono>
        {facts.bridges.length > 0 ? facts.bridges.join(' ') : 'none'}
      </KeyValue>
      <KeyValue name="Guests as">{facts.guestTypes.map((type) => type.toUpperCase()).join(', ')}</KeyValue>
    </section>
  )
}

/** An LVM thin pool: it is full as soon as its data or its metadata is. */
function Pool({ pool }: { pool: HostFacts['pools'][number] }) {
  const { name, sizeBytes, dataShare, metadataShare } = pool
  const percent = (share: number): string => `${Math.round(share * 100)}%`
  return (
    <>
      <KeyValue name="Thin pool" mono>
        {name} <span className="f3">{sizeWords(sizeBytes)}</span>
      </KeyValue>
      <Bar share={Math.max(dataShare, metadataShare)} label={`${name} in use`} />
      <KeyValue name="Filled">
        {percent(dataShare)} <span className="f3">metadata {percent(metadataShare)}</span>
      </KeyValue>
    </>
  )
}

function Connection({ host }: { host: Host }) {
  const { facts, connection, settings } = host
  return (
    <section className="card">
      <h3 className="h3">
        Host
        <span className="sp" />
        {connection.phase === 'ready' && <span className="green">Connected</span>}
      </h3>
      <KeyValue name="Login" mono>
        <span className="el" title={whereOf(settings)}>
          {whereOf(settings)}
        </span>
      </KeyValue>
      {settings.jump !== undefined && settings.jump !== 'none' && (
        <KeyValue name="Through" mono>
          {settings.jump}
        </KeyValue>
      )}
      {connection.phase === 'ready' && <KeyValue name="Since">{clockWords(connection.since)}</KeyValue>}
      {connection.phase === 'ready' && host.latencyMs !== undefined && (
        <KeyValue name="Answers in">{Math.round(host.latencyMs)} ms</KeyValue>
      )}
      {facts && (
        <>
          <KeyValue name="Host name" mono>
            {facts.hostname}
          </KeyValue>
          <KeyValue name="Kernel" mono>
            <span className="el" title={facts.kernel}>
              {facts.kernel}
            </span>
          </KeyValue>
          <KeyValue name="Clock">{clockSkewWords(facts.clockSkewMs)}</KeyValue>
          <KeyValue name="Up">{spanWords(facts.upSeconds)}</KeyValue>
        </>
      )}
    </section>
  )
}

function clockSkewWords(skewMs: number): string {
  if (Math.abs(skewMs) < 2000) return 'as ours'
  return `${spanWords(Math.abs(skewMs) / 1000)} ${skewMs > 0 ? 'ahead of' : 'behind'} ours`
}
