import { Tooltip as Base } from '@base-ui/react/tooltip'
import type { ReactElement } from 'react'
import { Kbd } from './Kbd'

/** Names what is under the pointer or the focus. Never holds what one must read: it is a repetition. */
export function Tooltip({ text, keys, children }: { text: string; keys?: string | undefined; children: ReactElement }) {
  return (
    // Escape is meant for what stands below the tooltip as well: one key closes a dialog, also with a tooltip in it.
    <Base.Root
      // Else it takes the clicks on what it covers, such as the button of the row above.
      disableHoverablePopup
      onOpenChange={(_open, details) => details.reason === 'escape-key' && details.allowPropagation()}
    >
      <Base.Trigger render={children as ReactElement<Record<string, unknown>>} />
      {/* It repeats the name of what it belongs to, which readers have already. */}
      <Base.Portal aria-hidden="true">
        <Base.Positioner className="tip-pos" sideOffset={6}>
          <Base.Popup className="tip">
            {text}
            {keys && <Kbd keys={keys} />}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

/** Once around the page: tooltips after the first come without delay. */
export const TooltipProvider = Base.Provider
