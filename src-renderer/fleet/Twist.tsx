import { Icon } from '../ui'

/** Folds a row of the tree and unfolds it, for a pointer; the arrow keys of the tree do it too. */
export function Twist({ open, onTwist }: { open: boolean; onTwist(): void }) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a pointer's short cut for the arrow keys of the tree
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <span
      className="tw"
      onClick={(event) => {
        event.stopPropagation()
        onTwist()
      }}
      onDoubleClick={(event) => event.stopPropagation()}
    >
      <Icon name={open ? 'chevron-down' : 'chevron-right'} size="xs" />
    </span>
  )
}
