import type { ReactNode } from 'react'
import type { Guest } from '../../src-shared/models/guest'
import { Checkbox } from '../ui'

type GuestChecklistProps = {
  /** Accessible name. */
  label: string
  guests: readonly Guest[]
  chosen: ReadonlySet<string>
  /** What stands beside the name of each. */
  beside(guest: Guest): ReactNode
  onChange(chosen: ReadonlySet<string>): void
}

/** Guests of a host to choose from. */
export function GuestChecklist({ label, guests, chosen, beside, onChange }: GuestChecklistProps) {
  const toggle = (id: string, on: boolean): void => {
    const next = new Set(chosen)
    if (on) next.add(id)
    else next.delete(id)
    onChange(next)
  }
  return (
    <ul className="sw-g" aria-label={label}>
      {guests.map((guest) => (
        <li key={guest.id}>
          <Checkbox checked={chosen.has(guest.id)} onChange={(on) => toggle(guest.id, on)}>
            <span className="el">{guest.name}</span>
          </Checkbox>
          <span className="f3 xs">{beside(guest)}</span>
        </li>
      ))}
    </ul>
  )
}
