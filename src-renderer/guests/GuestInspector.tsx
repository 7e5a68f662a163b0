import './inspector.css'
import { type Guest, isOff } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { guestFace } from '../fleet/faces'
import { GuestGlyph } from '../fleet/GuestGlyph'
import { useCpu, useGenerations, usePackages } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { actOn, changeGuest, openGuestConsoles } from '../frame/guest-actions'
import { copyLink, guestLink } from '../frame/links'
import { jobOf, useJobs } from '../jobs/store'
import { outcome } from '../jobs/words'
import { Button, GuestName, Icon, IconButton, KeyValue, Menu, Note, Sparkline, Tag } from '../ui'
import { clockWords, memoryWords, sizeWords } from '../ui/words'
import { diskRefusal, type GuestVerb, moveRefusal, refusal, verbs } from './actions'
import { changeRefusal, changeWords, type GuestChange, orderOf } from './changes'
import { Differences } from './Differences'
import { DiskStack } from './DiskStack'
import { GuestNotes } from './GuestNotes'
import { LayerCard } from './LayerCard'
import { layerMenu } from './layer-acts'
import { modeNames } from './modes'

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
      <Actions guest={guest} host={host} />
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
        {guest.type && <KeyValue name="Type">{guest.type.toUpperCase()}</KeyValue>}
        {guest.kernel && <PathLine name="Kernel" path={guest.kernel} />}
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

function PathLine({ name, path }: { name: string; path: string }) {
  return (
    <KeyValue name={name} mono>
      <span className="path" title={path}>
        {/* The end of a path tells more than its beginning; the mark keeps it from being shown backwards. */}
        {`\u200e${path}`}
      </span>
    </KeyValue>
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

function Actions({ guest, host }: { guest: Guest; host: Host }) {
  const generations = useGenerations(guest.hostId)
  const ready = host.connection.phase === 'ready'
  const halted = isOff(guest)
  const { origin } = guest
  const button = (verb: GuestVerb, kind: 'plain' | 'primary' = 'plain', className?: string) => {
    const why = refusal(verb, guest, host)
    const { label, icon } = verbs[verb]
    return (
      <Button
        kind={kind}
        icon={icon}
        className={className}
        disabled={why !== undefined}
        title={why}
        onClick={() => actOn(verb, [guest])}
      >
        {label}
      </Button>
    )
  }
  const entry = (verb: GuestVerb) => ({
    label: verbs[verb].label,
    icon: verbs[verb].icon,
    danger: verbs[verb].asks,
    disabled: refusal(verb, guest, host),
    onSelect: () => actOn(verb, [guest]),
  })
  const change = (one: GuestChange) => ({
    label: changeWords[one].label,
    icon: changeWords[one].icon,
    disabled: changeRefusal(one, guest, host),
    onSelect: () => changeGuest(guest, one),
  })
  const link = { label: 'Copy link', icon: 'copy' as const, onSelect: () => copyLink(guestLink(guest, host.settings.name)) }
  return (
    <div className="acts">
      {halted ? (
        button('start', 'primary', 'w')
      ) : guest.state === 'paused' ? (
        button('unpause', 'primary', 'w')
      ) : (
        <Button kind="primary" icon="console" className="w" disabled={!ready} onClick={() => openGuestConsoles([guest])}>
          Console
        </Button>
      )}
      <Button
        icon="clone"
        className="w"
        disabled={!ready || generations.length === 0}
        title={generations.length === 0 ? 'This host has no base yet' : undefined}
        onClick={() =>
          showDialog({
            kind: 'clone',
            hostId: guest.hostId,
            ...(origin ? { base: { name: origin.base, generation: origin.generation } } : {}),
          })
        }
      >
        Clone &amp; boot
      </Button>
      {button('reboot')}
      {button('shutdown')}
      <Menu
        trigger={<Button icon="more">More</Button>}
        entries={[
          entry('start'),
          guest.state === 'paused' ? entry('unpause') : entry('pause'),
          entry('save'),
          {
            label: 'Move to another host',
            icon: 'network',
            disabled: moveRefusal(guest, host),
            onSelect: () => showDialog({ kind: 'migrate', hostId: guest.hostId, guestId: guest.id }),
          },
          {
            label: 'Export a disk',
            icon: 'download',
            disabled: diskRefusal(guest, host),
            onSelect: () => showDialog({ kind: 'export', hostId: guest.hostId, source: { guestId: guest.id } }),
          },
          ...(origin
            ? []
            : [
                {
                  label: 'Make a base of its disk',
                  icon: 'layers',
                  disabled: diskRefusal(guest, host),
                  onSelect: () => showDialog({ kind: 'import', hostId: guest.hostId, image: guest.disks[0]?.target ?? '' }),
                } as const,
              ]),
          change('rename'),
          ...layerMenu(guest).filter((one) => one !== 'rule' && !one.danger),
          ...(origin || guest.adopted || guest.draft ? [] : [entry('adopt')]),
          {
            label: 'Logs',
            icon: 'code',
            disabled: ready ? undefined : 'host not connected',
            onSelect: () => showDialog({ kind: 'logs', hostId: guest.hostId, guestId: guest.id }),
          },
          link,
          'rule',
          ...(guest.state === 'saved' ? [entry('discard')] : []),
          entry('destroy'),
          entry('delete'),
        ]}
      />
    </div>
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
