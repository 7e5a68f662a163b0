import { useKeys } from '../frame/keys'
import { readingOrder } from '../layout/neighbour'
import { Button, Icon, IconButton } from '../ui'
import { countWords } from '../ui/words'
import { endBroadcast, setMember, useBroadcast } from './broadcaster'
import { useConsoles } from './store'

/** Above the dock while a broadcast is on: who hears it, who does not and why, when it ends, and the way to end it. */
export function BroadcastBar() {
  const { on, audience, endsIn } = useBroadcast()
  const keys = useKeys('broadcast-off')
  if (!on) return null
  const order = useConsoles.getState().tabs.flatMap(({ tree }) => readingOrder(tree))
  const refusals = new Map(audience.refused.map((one) => [one.id, one]))
  const all = [...audience.targets, ...audience.refused].sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id))
  return (
    <section className="castline" aria-label="Broadcast">
      <span className="cast-n" role="status">
        <Icon name="broadcast" size="s" />
        <b>Broadcasting to {countWords(audience.targets.length, 'pane')}</b>
        {on.group !== undefined && <span className="el">of {on.group}</span>}
      </span>
      <span className="f2 nw">{endsIn}</span>
      <Button size="xs" keys={keys} onClick={endBroadcast}>
        Stop
      </Button>
      <ul className="cast-l">
        {all.map(({ id, name }) => {
          const refused = refusals.get(id)
          const isMember = !refused?.leftOut
          return (
            <li key={id} className={refused ? '' : 'on'}>
              <span className="el">{refused ? `${name}: ${refused.why}` : name}</span>
              <IconButton
                icon={isMember ? 'close' : 'add'}
                iconSize="xs"
                size="xs"
                label={isMember ? `Take ${name} out of the broadcast` : `Put ${name} into the broadcast`}
                onClick={() => setMember(id, !isMember)}
              />
            </li>
          )
        })}
      </ul>
    </section>
  )
}

/** On each target, between header and terminal: which it is of the two, the pane that is typed in or one that follows it. */
export function CastStrip({ id }: { id: string }) {
  const { audience, source, endsIn } = useBroadcast()
  if (!audience.targets.some((target) => target.id === id)) return null
  const typedIn = audience.targets.find((target) => target.id === source)
  return id === source ? (
    <div className="castbar">
      <Icon name="broadcast" size="s" />
      <b className="el">
        <span className="cast-w">Broadcasting to </span>
        {countWords(audience.targets.length, 'pane')}
      </b>
      <span className="sp" />
      <button type="button" className="stop" onClick={endBroadcast}>
        Stop
      </button>
    </div>
  ) : (
    <div className="castbar rx">
      <Icon name="broadcast" size="s" />
      <span className="el">{typedIn ? `Follows ${typedIn.name}` : 'Target of the broadcast'}</span>
      <span className="sp" />
      <span className="off f2">{endsIn}</span>
    </div>
  )
}
