import { attempt } from '../frame/notices'
import { Icon, IconButton, LinkButton } from '../ui'
import type { Session } from './session'
import type { StripFace } from './status'
import type { PaneFacts } from './store'

/** The 24 px between header and terminal: what happened to the console, or how far a paste is. Never in the stream. */
export function Strip(props: {
  face: StripFace | undefined
  facts: PaneFacts
  session: Session
  name: string
  onDismiss(): void
  /** The console is ours: the keys should go there. */
  onTaken(): void
  onCancelPaste(): void
  /** The login asks for something. */
  onAnswer(): void
}) {
  const { face, facts, session, name } = props
  if (facts.pasting) {
    const { done, total } = facts.pasting
    return (
      <div className="strip cyan-s" role="status">
        <Icon name="clock" size="xs" />
        <span className="el">
          Pasting {kilobytes(done)} of {kilobytes(total)} kB
        </span>
        <span className="sp" />
        <LinkButton onClick={props.onCancelPaste}>Cancel</LinkButton>
      </div>
    )
  }
  if (!face || (facts.dismissed && face.dismissible)) return null
  const { action } = face
  return (
    <div className={`strip ${face.tone}-s`} role="status" title={face.more ? `${face.text}. ${face.more}` : face.text}>
      <Icon name={face.icon} size="xs" />
      <span className="el">{face.text}</span>
      <span className="sp" />
      {action && (
        <LinkButton
          className="nw"
          onClick={() => {
            if (action.kind === 'answer') return props.onAnswer()
            // The keys go there at once: a login may take long.
            if (action.kind === 'open') props.onTaken()
            void attempt(`Console of ${name}`, () =>
              session
                .evict(action.kind === 'take-over' ? action.pid : 0)
                .then(action.kind === 'open' ? undefined : props.onTaken),
            )
          }}
        >
          {actionWords(action)}
        </LinkButton>
      )}
      {face.dismissible && <IconButton icon="close" iconSize="xs" size="xs" label="Dismiss" onClick={props.onDismiss} />}
    </div>
  )
}

function actionWords(action: NonNullable<StripFace['action']>): string {
  if (action.kind === 'answer') return action.label
  return { 'take-over': 'Take over', retry: 'Try again', open: 'Open' }[action.kind]
}

function kilobytes(count: number): string {
  return (count / 1000).toFixed(1)
}
