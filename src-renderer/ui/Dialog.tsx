import { Dialog as Base } from '@base-ui/react/dialog'
import { type CSSProperties, type ReactNode, type RefObject, useRef } from 'react'
import { IconButton } from './Button'

type DialogProps = {
  title: ReactNode
  /** Beside the title, such as `on dom0-bru1`. */
  beside?: ReactNode
  /** Pixels; the window is the limit. */
  width?: number
  /** Buttons at the right, words at the left (`<span className="f2">…</span><span className="sp"/>`). */
  footer?: ReactNode
  children: ReactNode
  /** Takes the focus on opening; the dialog itself otherwise, so that a reader begins with its title. */
  initialFocus?: RefObject<HTMLElement | null>
  onClose(): void
}

/**
 * A modal dialog, open while it is rendered. Escape and the cross close it; a click beside it does not, so that no form is lost. Enter while the focus is on
 * the dialog itself, as it is on opening, submits the form of the solid button, as Enter in a field does: a dialog may have no field to press it in.
 */
export function Dialog({ title, beside, width = 480, footer, children, initialFocus, onClose }: DialogProps) {
  const popup = useRef<HTMLDivElement>(null)
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()} disablePointerDismissal>
      <Base.Portal>
        <Base.Backdrop className="scrim" />
        <Base.Viewport className="dlg-port">
          <Base.Popup
            ref={popup}
            className="dlg"
            style={{ '--dlg-w': `${width}px` } as CSSProperties}
            initialFocus={initialFocus ?? popup}
            onKeyDown={(event) => {
              // Held down, it may be the one that opened the dialog.
              if (event.key !== 'Enter' || event.repeat || event.target !== popup.current) return
              popup.current.querySelector<HTMLButtonElement>('.pri[type=submit]')?.click()
            }}
          >
            <header className="dh">
              <Base.Title>{title}</Base.Title>
              {beside}
              <span className="sp" />
              <Base.Close render={<IconButton icon="close" label="Close" />} />
            </header>
            <div className="dbody">{children}</div>
            {footer && <footer className="df">{footer}</footer>}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  )
}
