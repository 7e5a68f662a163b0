import { useRef } from 'react'
import { Button, CodeBlock, Dialog, Note } from '../ui'
import { countWords } from '../ui/words'
import type { Doubt, Target } from './broadcast'
import { answer, type Question, useBroadcast } from './broadcaster'
import { pasteFacts } from './paste'

/** Asks before something goes to many panes, to root, or in several lines. It names everyone who would get it. */
export function BroadcastQuestion() {
  const question = useBroadcast((state) => state.question)
  // Another question has the focus on Cancel again.
  return question && <QuestionDialog key={question.id} question={question} />
}

function QuestionDialog({ question }: { question: Question }) {
  const { targets, doubt, paste, waiting } = question
  const cancel = useRef<HTMLButtonElement>(null)
  const what = words(question)
  return (
    <Dialog
      title={`${what}?`}
      width={560}
      initialFocus={cancel}
      onClose={() => answer(false)}
      footer={
        <>
          <span className="f2">
            {waiting.length > 0 ? 'Cancel sends nothing; the broadcast stays on.' : 'Nothing is sent before you type.'}
          </span>
          <span className="sp" />
          <Button ref={cancel} keys="Esc" onClick={() => answer(false)}>
            Cancel
          </Button>
          <Button kind="primary" onClick={() => answer(true)}>
            {what}
          </Button>
        </>
      }
    >
      <div className="dform">
        {doubt && doubt.roots.length > 0 && <RootNote doubt={doubt} />}
        <Names targets={targets} />
        {paste !== undefined && (
          <>
            <p className="f2">Each line end acts as Enter; the text goes at a pace that each guest's tty can take.</p>
            <CodeBlock label="What will be pasted" text={pasteFacts(paste).preview} shell={false} copy={false} maxHeight={200} />
          </>
        )}
      </div>
    </Dialog>
  )
}

function words({ targets, paste, waiting }: Question): string {
  const panes = countWords(targets.length, 'pane')
  if (paste !== undefined) return `Paste ${countWords(pasteFacts(paste).lines, 'line')} into ${panes}`
  return waiting.length > 0 ? `Type into ${panes}` : `Broadcast to ${panes}`
}

function RootNote({ doubt: { roots } }: { doubt: Doubt }) {
  return (
    <Note tone="amber">
      A prompt of root waits in {roots.map(({ name }) => name).join(', ')}: what is sent runs there with all rights.
    </Note>
  )
}

function Names({ targets }: { targets: readonly Target[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <ul className="cast-names" aria-label="Panes that get it" tabIndex={0}>
      {targets.map(({ id, name }) => (
        <li key={id}>{name}</li>
      ))}
    </ul>
  )
}
