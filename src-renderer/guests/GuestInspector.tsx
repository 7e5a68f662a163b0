import './inspector.css'
import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { guestFace } from '../fleet/faces'
import { GuestGlyph } from '../fleet/GuestGlyph'
import { useCpu, useGenerations, usePackages } from '../fleet/store'
import { changeGuest } from '../frame/guest-actions'
import { jobOf, useJobs } from '../jobs/store'
import { outcome } from '../jobs/words'
import { GuestName, Icon, IconButton, KeyValue, Note, Sparkline, Tag } from '../ui'
import { clockWords, memoryWords, sizeWords } from '../ui/words'
import { BootCard } from './BootCard'
import { changeRefusal, changeWords, type GuestChange, orderOf } from './changes'
import { Differences } from './Differences'
import { DiskStack } from './DiskStack'
import { GuestActions } from './GuestActions'
import { GuestNotes } from './GuestNotes'
import { LayerCard } from './LayerCard'
import { modeNames } from './modes'
import { PathLine } from './PathLine'

type GuestInspectorProps = {
  guest: Guest
  host: Host
  /** Place among the picked guests, from 0, and how many there are. */
  place?: { index: number; of: number; go(index: number): void } | undefined
}

/** Everything about one guest, and what one can do to it. */
export function GuestInspector({ guest, host, place }: GuestInspectorProps) {
  const generations = useGenerations(guest.hostId)
  const images = usePackages(guest.hostId)
  const job = useJobs((state) => jobOf(state.jobs, guest.hostId, guest.name))
  const face = guestFace(guest, job, host)
  const [nic] = guest.nics
  const facts = [guest.domid !== undefined && `domid ${guest.domid}`, host.settings.name].filter(Boolean)
  return (
    <>
      <div className="insp-h">
        <div className="ttl">
          <GuestGlyph face={face} label="" />
          <h2 className="el" title={guest.name}>
            <GuestName name={guest.name} />
          </h2>
          {host.settings.simulated && <Tag tone="cyan">simulated</Tag>}
          <span className="sp" />
          {place && <Pager {...place} />}
        </div>
        <p className="under f2">
          <span className={face.tone || undefined} title={face.past}>
            {face.word.charAt(0).toUpperCase() + face.word.slice(1)}
          </span>{' '}
          <span className="f3">· {facts.join(' · ')}</span>
        </p>
      </div>
      <GuestActions guest={guest} host={host} />
      {host.connection.phase !== 'ready' && (
        <div className="insp-n">
          <Note tone="plain" icon="clock">
            {host.settings.name} is not connected.
            {host.asOf !== undefined && ` Shown as of ${clockWords(host.asOf)}.`}
          </Note>
        </div>
      )}
      <section className="sec">
        <KeyValue name="vCPU">
          {guest.vcpus} <span className="sp" />
          {guest.state === 'running' && !face.past && <CpuTrend guest={guest} />}
          <ChangeButton guest={guest} host={host} change="vcpus" />
        </KeyValue>
        <KeyValue name="Memory">
          {memoryWords(guest.memoryMb)} <span className="sp" />
          <ChangeButton guest={guest} host={host} change="memory" />
        </KeyValue>
        {guest.savedBytes !== undefined && <KeyValue name="Saved">{sizeWords(guest.savedBytes)} of memory</KeyValue>}
      </section>
      <GuestNotes guest={guest} host={host} />
      <section className="sec">
        <h3>
          Disk
          <span className="sp" />
          <span className="beside">{diskWords(guest)}</span>
        </h3>
        <DiskStack guest={guest} generations={generations} images={images} />
        {guest.origin?.encryptedSwap && (
          <KeyValue name="Swap">
            <Icon name="lock" size="s" /> encrypted
          </KeyValue>
        )}
      </section>
      {guest.origin?.mode === 'overlay' && host.connection.phase === 'ready' && (
        <LayerCard key={`layer of ${guest.id}`} guest={guest} host={host} />
      )}
      <section className="sec">
        <h3>
          Network
          <span className="sp" />
          {nic && <span className="beside">{nic.bridge}</span>}
        </h3>
        {guest.nics.length === 0 && <p className="f3">No network card.</p>}
        {guest.nics.map((one) => (
          <KeyValue key={one.mac} name="MAC" mono>
            {one.mac}
            {guest.nics.length > 1 && <span className="f3">{one.bridge}</span>}
          </KeyValue>
        ))}
      </section>
      <BootCard key={`boot of ${guest.id}`} guest={guest} host={host} />
      <section className="sec">
        <h3>Lifecycle</h3>
        <KeyValue name="With host">
          {autostartWords(guest)} <span className="sp" />
          <ChangeButton guest={guest} host={host} change="autostart" />
        </KeyValue>
        {guest.crashPolicy !== undefined && (
          <KeyValue name="On crash">
            {guest.crashPolicy} <span className="sp" />
            <ChangeButton guest={guest} host={host} change="crash-policy" />
          </KeyValue>
        )}
        {guest.configPath && <PathLine name="Config" path={guest.configPath} />}
        {!guest.id.startsWith('cfg:') && <UuidLine uuid={guest.id} />}
      </section>
      {guest.domid !== undefined && guest.configPath !== undefined && (
        <Differences key={guest.id} guest={guest} ready={host.connection.phase === 'ready'} />
      )}
      <Activity guest={guest} />
    </>
  )
}

function diskWords({ origin, draft, adopted }: Guest): string {
  if (origin)
    return origin.encrypted
      ? `${origin.mode === 'throwaway' ? 'Throwaway' : modeNames[origin.mode]}, encrypted`
      : modeNames[origin.mode]
  if (draft) return `draft of ${draft.base}`
  return adopted ? 'adopted' : 'not made by Domdeck'
}

function autostartWords(guest: Guest): string {
  if (guest.autostart === undefined) return 'stays off'
  const order = orderOf(guest)
  return order === undefined ? 'starts' : `starts, order ${order}`
}

function ChangeButton({ guest, host, change }: { guest: Guest; host: Host; change: GuestChange }) {
  const { label } = changeWords[change]
  return (
    <IconButton
      icon="pencil"
      iconSize="xs"
      size="xs"
      label={`Change: ${label}`}
      disabled={changeRefusal(change, guest, host) !== undefined}
      onClick={() => changeGuest(guest, change)}
    />
  )
}

function UuidLine({ uuid }: { uuid: string }) {
  return (
    <KeyValue name="UUID" mono>
      <span className="el" title={uuid}>
        {uuid}
      </span>
    </KeyValue>
  )
}

function Pager({ index, of, go }: { index: number; of: number; go(index: number): void }) {
  return (
    <span className="pager">
      <span className="f3 xs">
        {index + 1} of {of}
      </span>
      <IconButton
        icon="chevron-left"
        iconSize="xs"
        size="xs"
        label="Previous of the selected"
        onClick={() => go((index + of - 1) % of)}
      />
      <IconButton
        icon="chevron-right"
        iconSize="xs"
        size="xs"
        label="Next of the selected"
        onClick={() => go((index + 1) % of)}
      />
    </span>
  )
}

function CpuTrend({ guest }: { guest: Guest }) {
  const use = useCpu(guest.hostId, guest.id)
  const latest = use.at(-1)
  if (latest === undefined) return null
  const top = Math.max(1, guest.vcpus)
  const percent = Math.round((latest / top) * 100)
  return (
    <>
      <span className="f2">{percent}%</span>
      <Sparkline values={use} top={top} width={96} height={16} hot={percent > 85} label={`CPU ${percent}%`} />
    </>
  )
}

const shownJobs = 5

function Activity({ guest }: { guest: Guest }) {
  const jobs = useJobs((state) => state.jobs)
  const about = jobs.filter((job) => job.hostId === guest.hostId && job.targets.includes(guest.name)).slice(0, shownJobs)
  if (about.length === 0) return null
  return (
    <section className="sec">
      <h3>Activity</h3>
      {about.map((job) => (
        <div key={job.id} className="ev">
          <span>{clockWords(job.startedAt)}</span>
          <span className="el" title={`${job.title} by ${job.by}: ${outcome(job)}`}>
            {job.title}, {outcome(job).charAt(0).toLowerCase() + outcome(job).slice(1)}
          </span>
        </div>
      ))}
    </section>
  )
}
