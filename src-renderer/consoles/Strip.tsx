import type { ConsoleMark } from '../../src-shared/models/console'
import { attempt } from '../frame/notices'
import { Icon, IconButton, LinkButton } from '../ui'
import { markWords } from './marks'
import type { Session } from './session'
import { clockTime, type StripFace } from './status'
import type { PaneFacts } from './store'

/** The 24 px between header and terminal: what happened to the console, or how far a paste is. Never in the stream. */
export function Strip(props: {
  face: StripFace | undefined
  facts: PaneFacts
  session: Session
  name: string
  onDismiss(): void
  /** Shows what the host has written down of the console; undefined while that is shown. */
  onLog: (() => void) | undefined
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
      {action?.kind === 'take-over' && props.onLog && (
        <LinkButton className="nw" onClick={props.onLog}>
          Read its log
        </LinkButton>
      )}
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

/** What a guest's kernel has said in trouble, until somebody has read it. */
export function MarkStrip({ mark, session, name }: { mark: ConsoleMark; session: Session; name: string }) {
  return (
    <div className="strip red-s" role="status" title={mark.line}>
      <Icon name="alert" size="xs" />
      <span className="el">
        {markWords(mark)} at {clockTime(mark.at)}: <span className="mono">{mark.line}</span>
      </span>
      <span className="sp" />
      <IconButton
        icon="close"
        iconSize="xs"
        size="xs"
        label={`Dismiss: ${markWords(mark)}`}
        onClick={() => void attempt(`Console of ${name}`, () => session.dismissMark())}
      />
    </div>
  )
}

function kilobytes(count: number): string {
  return (count / 1000).toFixed(1)
}
