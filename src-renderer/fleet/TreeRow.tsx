import { type MouseEvent, memo } from 'react'
import { type Guest, isOff } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { MarkIcon } from '../consoles/MarkIcon'
import { useGuestMark } from '../consoles/marks'
import { Bar, Button, GuestName, HostGlyph, Sparkline, Tag } from '../ui'
import { comingFace, type GuestFace, guestFace, hostFace, memoryShare } from './faces'
import { GuestGlyph } from './GuestGlyph'
import { actionWords, type HostAction, runHostAction } from './host-action'
import type { Drop } from './host-drag'
import { LegacyTag } from './LegacyTag'
import type { Row } from './rows'
import { SiteCells } from './SiteCells'
import { useCpu } from './store'
import { Twist } from './Twist'

type TreeRowProps = {
  row: Row
  id: string
  /** Pixels from the top of the tree. */
  top: number
  current: boolean
  picked: boolean
  /** Whether the rows before and after are picked too: a run of them is drawn as one. */
  pickedBefore: boolean
  pickedAfter: boolean
  /** A host that is dragged would go here. */
  drop: Drop['edge'] | undefined
  onClick(row: Row, event: MouseEvent): void
  onOpen(row: Row): void
  onTwist(row: Row): void
}

/** One line of the fleet tree. */
export const TreeRow = memo(function TreeRow(props: TreeRowProps) {
  const { row, id, top, current, picked } = props
  if (row.kind === 'none')
    return (
      <div
        className={row.of === 'host' ? 'row guest dim' : 'row host dim'}
        role="none"
        style={{ transform: `translateY(${top}px)` }}
      >
        <span className="nm">{row.text}</span>
      </div>
    )
  const classes = [
    'row',
    row.kind === 'host' || row.kind === 'site' ? row.kind : 'guest',
    props.drop ? `drop-${props.drop}` : '',
    picked ? 'sel' : '',
    picked && !props.pickedBefore ? 'first' : '',
    picked && !props.pickedAfter ? 'last' : '',
    current ? 'cur' : '',
    row.kind === 'coming' || (row.kind === 'guest' && (isOff(row.guest) || !isConnected(row.host))) ? 'dim' : '',
  ]
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles keys for its rows
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names the row (aria-activedescendant)
    <div
      id={id}
      className={classes.filter(Boolean).join(' ')}
      role="treeitem"
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={picked || current}
      {...('open' in row ? { 'aria-expanded': row.open } : {})}
      draggable={row.kind === 'host' || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => props.onClick(row, event)}
      onDoubleClick={() => props.onOpen(row)}
    >
      {row.kind === 'site' && <SiteCells site={row.site} sums={row.sums} open={row.open} onTwist={() => props.onTwist(row)} />}
      {row.kind === 'host' && (
        <HostCells host={row.host} guests={row.guests} open={row.open} onTwist={() => props.onTwist(row)} />
      )}
      {row.kind === 'guest' && <GuestCells guest={row.guest} face={guestFace(row.guest, row.job, row.host)} />}
      {row.kind === 'coming' && <ComingCells name={row.name} face={comingFace(row.job, row.name)} />}
    </div>
  )
})

const isConnected = (host: Host): boolean => host.connection.phase === 'ready'

type HostCellsProps = { host: Host; guests: number; open: boolean; onTwist(): void }

function HostCells({ host, guests, open, onTwist }: HostCellsProps) {
  const face = hostFace(host)
  const memory = memoryShare(host)
  const { name, simulated } = host.settings
  return (
    <>
      <Twist open={open} onTwist={onTwist} />
      <HostGlyph shape={face.shape} label={face.state} />
      <span className="nm" title={face.reason ? `${name}: ${face.reason}` : name}>
        {name}
        {face.reason && <span className={`why ${face.tone || 'f3'}`}>{face.reason}</span>}
      </span>
      {simulated && <Tag tone="cyan">simulated</Tag>}
      <LegacyTag settings={host.settings} small />
      {memory !== undefined && !face.action && (
        <span className="mem">
          <Bar share={memory} label="Memory" />
        </span>
      )}
      {face.action ? <HostButton host={host} action={face.action} /> : <span className="ct num">{guests}</span>}
    </>
  )
}

function HostButton({ host, action }: { host: Host; action: HostAction }) {
  const hostId = host.settings.id
  return (
    <Button
      size="xs"
      tabIndex={-1}
      aria-label={`${actionWords[action]}: ${host.settings.name}`}
      onClick={(event) => {
        event.stopPropagation()
        runHostAction(hostId, host.settings.name, action)
      }}
    >
      {actionWords[action]}
    </Button>
  )
}

function GuestCells({ guest, face }: { guest: Guest; face: GuestFace }) {
  const mark = useGuestMark(guest.hostId, guest.id)
  return (
    <>
      <GuestGlyph face={face} />
      <span className="nm" title={guestTitle(guest, face)}>
        <GuestName name={guest.name} />
      </span>
      {mark && <MarkIcon mark={mark} />}
      {face.trend ? (
        <GuestTrend guest={guest} />
      ) : (
        <span className={`ct ${face.tone}`} title={face.past}>
          {face.word}
        </span>
      )}
    </>
  )
}

/** What the pointer is told of a guest: its name, and what people wrote about it. */
function guestTitle({ name, tags, note }: Guest, { past }: GuestFace): string {
  const about = [past ? `${name}, ${past}` : name, tags?.join(', '), note]
  return about.filter(Boolean).join('\n')
}

/** Over this share of its vCPUs a guest's line is amber. */
const hotShare = 0.85

function GuestTrend({ guest }: { guest: Guest }) {
  const use = useCpu(guest.hostId, guest.id)
  const latest = use.at(-1)
  if (latest === undefined) return null
  const share = latest / Math.max(1, guest.vcpus)
  return (
    <Sparkline values={use} top={Math.max(1, guest.vcpus)} hot={share > hotShare} label={`CPU ${Math.round(share * 100)}%`} />
  )
}

function ComingCells({ name, face }: { name: string; face: GuestFace }) {
  return (
    <>
      <GuestGlyph face={face} />
      <span className="nm" title={name}>
        <GuestName name={name} />
      </span>
      <span className={`ct ${face.tone}`}>{face.word}</span>
    </>
  )
}
