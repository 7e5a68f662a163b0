import './health.css'
import { type HealthItem, healthTitles, mendableIdSchema } from '../../src-shared/models/health'
import type { Host } from '../../src-shared/models/host'
import { useCall } from '../api/use-call'
import { canBoot } from '../boot/use-boot'
import { showDialog } from '../frame/dialogs'
import { useDock } from '../frame/dock'
import { startOperation } from '../jobs/actions'
import { Button, EmptyState, Icon, LoadingRows, ProblemNote } from '../ui'
import { useHealth } from './use-health'
import { stateWords, whyWords } from './words'

const icons = { mend: 'alert', waiting: 'clock', unknown: 'info', fine: 'check' } as const
const order = ['mend', 'waiting', 'unknown', 'fine'] as const

/** What of a host is as a dom0 should have it, and what is not: each explained, mended by a job, and taken back by another. */
export function HostHealth({ host }: { host: Host }) {
  const { items, busy, problem, again } = useHealth(host)
  const away = !canBoot(host)
  const look = (
    <Button size="s" disabled={busy || away} onClick={again}>
      Look again
    </Button>
  )
  if (!items) {
    if (problem) return <ProblemNote problem={problem} action={look} />
    if (away) return <EmptyState>{host.settings.name} is looked at once it is connected.</EmptyState>
    return <LoadingRows rows={8} height={48} label="Looking at the host" />
  }
  const sorted = [...items].sort((one, other) => order.indexOf(one.state) - order.indexOf(other.state))
  const count = items.filter(({ state }) => state === 'mend').length
  return (
    <div className="ov-main">
      {problem && <ProblemNote problem={problem} />}
      <div className="ov-h">
        <h2>{count === 0 ? 'Nothing to mend' : `${count} to mend`}</h2>
        {busy && <span className="f3">Looking</span>}
        <span className="sp" />
        {look}
      </div>
      <ul className="hlth" aria-label={`Health of ${host.settings.name}`}>
        {sorted.map((item) => (
          <Item key={item.id} host={host} item={item} away={away} />
        ))}
      </ul>
    </div>
  )
}

function Item({ host, item, away }: { host: Host; item: HealthItem; away: boolean }) {
  const { busy, problem, run } = useCall()
  const hostId = host.settings.id
  const { data: id } = mendableIdSchema.safeParse(item.id)
  const title = healthTitles[item.id]
  return (
    <li className={item.state}>
      <Icon name={icons[item.state]} size="s" />
      <div className="nmin">
        <b>{title}</b> <span className="hlth-s">{stateWords[item.state]}</span>
        <p>{item.fact}</p>
        {item.advice && <p className="f2">By hand: {item.advice}</p>}
        {item.state === 'mend' && item.mended && !item.advice && (
          <p className="f2">Domdeck has mended it, and something has changed since. Undo that, and mend it again.</p>
        )}
        <p className="f3">{whyWords[item.id]}</p>
        {problem && <ProblemNote problem={problem} />}
      </div>
      {id && item.mended && (
        <Button
          size="s"
          icon="undo"
          aria-label={`Undo: ${title}`}
          disabled={away || busy}
          onClick={() => void run(() => startOperation(hostId, { operation: 'host.unmend-health', input: { id } }))}
        >
          Undo
        </Button>
      )}
      {id && item.plan && (
        <Button
          size="s"
          aria-label={`Mend: ${title}`}
          disabled={away}
          onClick={() => showDialog({ kind: 'mend-host', hostId, id })}
        >
          Mend
        </Button>
      )}
      {item.go === 'boot' && (
        <Button size="s" icon="power" onClick={() => useDock.getState().showHost(hostId, 'boot')}>
          Boot
        </Button>
      )}
      {item.go === 'reboot' && (
        <Button size="s" icon="reboot" disabled={away} onClick={() => showDialog({ kind: 'reboot-host', hostId })}>
          Reboot
        </Button>
      )}
    </li>
  )
}
