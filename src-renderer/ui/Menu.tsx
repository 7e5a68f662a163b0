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
      /** Given where it switches something: whether that is on now. */
      checked?: boolean | undefined
      onSelect(): void
    }

/** An entry that opens more entries beside it. */
export type Submenu = { label: string; icon?: IconName | undefined; entries: readonly MenuEntry[] }

type MenuProps = {
  /** The button that opens it. */
  trigger: ReactElement
  /** A function is asked each time the menu opens. */
  entries: Entries
  align?: 'start' | 'end'
}
type Entries = readonly (MenuEntry | Submenu)[] | (() => readonly (MenuEntry | Submenu)[])

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
  const indented = all.some((entry) => entry !== 'rule' && (entry.icon || ('checked' in entry && entry.checked)))
  return all.map((entry, index) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: rules have no identity of their own
    if (entry === 'rule') return <Base.Separator key={`rule-${index}`} className="mrule" />
    const icon = 'checked' in entry && entry.checked ? 'check' : entry.icon
    const face = (
      <>
        {icon ? <Icon name={icon} size="s" /> : indented && <span className="ic s" />}
        <span className="el">{entry.label}</span>
      </>
    )
    if ('entries' in entry)
      return (
        <Base.SubmenuRoot key={entry.label}>
          <Base.SubmenuTrigger className="mi">
            {face}
            <Icon name="chevron-right" size="s" />
          </Base.SubmenuTrigger>
          <Base.Portal role="region" aria-label={entry.label}>
            <Base.Positioner className="menu-pos" alignOffset={-4}>
              <Base.Popup className="menu">
                <Items entries={entry.entries} />
              </Base.Popup>
            </Base.Positioner>
          </Base.Portal>
        </Base.SubmenuRoot>
      )
    const words = (
      <>
        {face}
        {entry.disabled && <span className="why">{entry.disabled}</span>}
        {entry.keys && <Kbd keys={entry.keys} />}
      </>
    )
    const props = { className: entry.danger ? 'mi danger-i' : 'mi', disabled: entry.disabled !== undefined }
    return entry.checked === undefined ? (
      <Base.Item key={entry.id ?? entry.label} {...props} onClick={entry.onSelect}>
        {words}
      </Base.Item>
    ) : (
      <Base.CheckboxItem
        key={entry.id ?? entry.label}
        {...props}
        checked={entry.checked}
        closeOnClick
        onCheckedChange={entry.onSelect}
      >
        {words}
      </Base.CheckboxItem>
    )
  })
}
