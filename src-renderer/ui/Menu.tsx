import { Menu as Base } from '@base-ui/react/menu'
import type { ReactElement } from 'react'
import { Icon, type IconName } from './Icon'
import { Kbd } from './Kbd'

export type MenuEntry =
  | 'rule'
  | {
      /** Where several entries have one label. */
      id?: string | undefined
      label: string
      icon?: IconName | undefined
      keys?: string | undefined
      /** Destructive entries stand last, after a rule. */
      danger?: boolean | undefined
      /** Why it cannot be chosen now; the entry stays and says so. */
      disabled?: string | undefined
      onSelect(): void
    }

type MenuProps = {
  /** The button that opens it. */
  trigger: ReactElement
  /** A function is asked each time the menu opens. */
  entries: Entries
  align?: 'start' | 'end'
}
type Entries = readonly MenuEntry[] | (() => readonly MenuEntry[])

/** A menu below its button. */
export function Menu({ trigger, entries, align = 'end' }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger as ReactElement<Record<string, unknown>>} />
      {/* A region, so that no content of the page stands outside all landmarks. */}
      <Base.Portal role="region" aria-label="Menu">
        <Base.Positioner className="menu-pos" sideOffset={4} align={align}>
          <Base.Popup className="menu">
            <Items entries={entries} />
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

function Items({ entries }: { entries: Entries }) {
  const all = typeof entries === 'function' ? entries() : entries
  // One icon indents all entries alike.
  const indented = all.some((entry) => entry !== 'rule' && entry.icon)
  return all.map((entry, index) =>
    entry === 'rule' ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: rules have no identity of their own
      <Base.Separator key={`rule-${index}`} className="mrule" />
    ) : (
      <Base.Item
        key={entry.id ?? entry.label}
        className={entry.danger ? 'mi danger-i' : 'mi'}
        disabled={entry.disabled !== undefined}
        onClick={entry.onSelect}
      >
        {entry.icon ? <Icon name={entry.icon} size="s" /> : indented && <span className="ic s" />}
        <span className="el">{entry.label}</span>
        {entry.disabled && <span className="why">{entry.disabled}</span>}
        {entry.keys && <Kbd keys={entry.keys} />}
      </Base.Item>
    ),
  )
}
