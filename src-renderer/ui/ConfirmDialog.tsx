import { AlertDialog } from '@base-ui/react/alert-dialog'
import { type CSSProperties, type ReactNode, useRef, useState } from 'react'
import { Button } from './Button'
import { TextInput } from './Field'

type ConfirmDialogProps = {
  /** Names the object and the consequence, as a question: `Delete web-07 and its 41 MB layer?` */
  title: string
  children?: ReactNode
  /** The verb of the title, on the one solid button. */
  verb: string
  /** Red, unless nothing is lost by it. */
  kind?: 'danger' | 'primary'
  /** While what is asked for is not complete. */
  disabled?: boolean
  /** When more than one object goes: the count that must be typed. */
  count?: number | undefined
  onConfirm(): void
  onClose(): void
}

/** Asks before something is lost for good. The focus is on Cancel. */
export function ConfirmDialog({
  title,
  children,
  verb,
  kind = 'danger',
  disabled = false,
  count,
  onConfirm,
  onClose,
}: ConfirmDialogProps) {
  const cancel = useRef<HTMLButtonElement>(null)
  const [typed, setTyped] = useState('')
  const allowed = !disabled && (count === undefined || count < 2 || typed.trim() === String(count))
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="scrim" />
        <AlertDialog.Viewport className="dlg-port">
          <AlertDialog.Popup className="dlg" initialFocus={cancel} style={{ '--dlg-w': '440px' } as CSSProperties}>
            <form
              onSubmit={(event) => {
                event.preventDefault()
                if (!allowed) return
                onConfirm()
                onClose()
              }}
            >
              <div className="ask">
                <AlertDialog.Title>{title}</AlertDialog.Title>
                {children && <AlertDialog.Description render={<div />}>{children}</AlertDialog.Description>}
                {count !== undefined && count > 1 && (
                  <TextInput label={`Type ${count} to confirm`} stacked value={typed} onChange={setTyped} inputMode="numeric" />
                )}
              </div>
              <footer className="df">
                <span className="sp" />
                <Button ref={cancel} keys="Esc" onClick={onClose}>
                  Cancel
                </Button>
                <Button kind={kind} submit disabled={!allowed}>
                  {verb}
                </Button>
              </footer>
            </form>
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
