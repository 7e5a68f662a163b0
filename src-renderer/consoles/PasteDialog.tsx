import { useRef } from 'react'
import { Button, CodeBlock, Dialog } from '../ui'
import { pasteFacts } from './paste'

/** Asks before several lines go to a guest: each line end is an Enter. */
export function PasteDialog({ text, name, onPaste, onClose }: { text: string; name: string; onPaste(): void; onClose(): void }) {
  const { lines, characters, preview } = pasteFacts(text)
  const button = useRef<HTMLButtonElement>(null)
  const words = lines === 1 ? 'one line' : `${lines} lines`
  return (
    <Dialog
      title={`Paste ${words} into ${name}?`}
      width={560}
      initialFocus={button}
      onClose={onClose}
      footer={
        <>
          <span className="f2">
            {characters} characters. Each line end acts as Enter; the text goes at a pace the guest's tty can take.
          </span>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button
            kind="primary"
            ref={button}
            onClick={() => {
              onPaste()
              onClose()
            }}
          >
            Paste {words}
          </Button>
        </>
      }
    >
      <div className="dform">
        <CodeBlock label="What will be pasted" text={preview} shell={false} copy={false} maxHeight={240} />
      </div>
    </Dialog>
  )
}
