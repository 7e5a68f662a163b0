import { Tabs } from '@base-ui/react/tabs'
import { type DragEvent, type ReactNode, useEffect, useRef } from 'react'
import { Icon } from '../ui'

type TabButtonProps = {
  value: string
  on: boolean
  icon: ReactNode
  className?: string
  onClose?: (() => void) | undefined
  onRename?: () => void
  onDragOver?(event: DragEvent): void
  onDragLeave?(event: DragEvent): void
  onDrop?(event: DragEvent): void
  children: ReactNode
}

/**
 * A tab of the dock; Delete closes it, as does a click on its cross, which readers need not know: a tab list holds tabs only. F2 and
 * a double click rename it.
 */
export function TabButton({ value, on, icon, className, onClose, onRename, children, ...drag }: TabButtonProps) {
  const shortcuts = [onClose && 'Delete', onRename && 'F2'].filter(Boolean).join(' ')
  const own = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    // The list scrolls when it holds more than fit.
    if (on) own.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [on])
  return (
    <Tabs.Tab
      ref={own}
      value={value}
      className={['tab', on ? 'on' : '', className].filter(Boolean).join(' ')}
      {...(shortcuts ? { 'aria-keyshortcuts': shortcuts } : {})}
      onKeyDown={(event) => {
        if (event.key === 'Delete') onClose?.()
        if (event.key === 'F2') onRename?.()
      }}
      onDoubleClick={onRename}
      onAuxClick={(event) => {
        if (event.button === 1) onClose?.()
      }}
      {...drag}
    >
      {icon}
      {children}
      {onClose && (
        <span
          className="ib s cx"
          title="Close (Delete)"
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation()
            onClose()
          }}
          onDoubleClick={(event) => event.stopPropagation()}
        >
          <Icon name="close" size="xs" />
        </span>
      )}
    </Tabs.Tab>
  )
}
