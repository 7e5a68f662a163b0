import './fleet.css'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { useKeys } from '../frame/keys'
import { Icon, IconButton } from '../ui'
import { type FilterError, type FilterKey, parseFilter, stateNames } from './filter'
import { applyCompletion, type Completion, complete } from './filter-complete'
import { sitesNow } from './site-actions'
import { useFleet } from './store'
import { useTree } from './tree-store'

const nothing: Completion = { from: 0, to: 0, options: [] }

/** Where one says which of the fleet to show: with what may be meant below it while one types, and what is wrong. */
export function FilterBox() {
  const { filter, setFilter } = useTree()
  const keys = useKeys('filter')
  const input = useRef<HTMLInputElement>(null)
  const mirror = useRef<HTMLDivElement>(null)
  const [found, setFound] = useState(nothing)
  const [chosen, setChosen] = useState(-1)
  const errors = useMemo(() => parseFilter(filter).errors, [filter])
  const { options } = found

  const show = (completion: Completion): void => {
    setFound(completion)
    setChosen(-1)
  }
  const guess = (text: string, cursor: number): void => show(complete(text, cursor, vocabulary))
  const take = (option: string): void => {
    const { text, cursor } = applyCompletion(filter, found, option)
    setFilter(text)
    guess(text, cursor)
    requestAnimationFrame(() => input.current?.setSelectionRange(cursor, cursor))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const first = options[Math.max(chosen, 0)]
    if (options.length > 0 && event.key === 'ArrowDown') setChosen((chosen + 1) % options.length)
    else if (options.length > 0 && event.key === 'ArrowUp') setChosen(chosen < 1 ? options.length - 1 : chosen - 1)
    else if (options.length > 0 && event.key === 'Escape') show(nothing)
    else if (first !== undefined && (event.key === 'Tab' || (event.key === 'Enter' && chosen >= 0)) && !event.shiftKey)
      take(first)
    else if (event.key === 'Escape' && filter !== '') setFilter('')
    else if (event.key === 'Escape' || event.key === 'ArrowDown' || event.key === 'Enter') {
      document.querySelector<HTMLElement>('.tree')?.focus()
    } else return
    event.preventDefault()
  }
  return (
    <div className="side-f">
      <div className={errors.length > 0 ? 'field bad' : 'field'}>
        <Icon name="filter" size="s" />
        <div className="flt">
          {errors.length > 0 && (
            <div ref={mirror} className="flt-marks" aria-hidden="true">
              <Marked text={filter} errors={errors} />
            </div>
          )}
          <input
            ref={input}
            id="fleet-filter"
            type="text"
            role="combobox"
            aria-label="Filter the fleet by name, state:, base:, host:, site:, tag:, mem: or vcpus:"
            aria-autocomplete="list"
            aria-expanded={options.length > 0}
            aria-controls="fleet-filter-options"
            aria-activedescendant={chosen >= 0 && options.length > 0 ? `fleet-filter-option-${chosen}` : undefined}
            aria-invalid={errors.length > 0 ? true : undefined}
            aria-describedby={errors.length > 0 ? 'fleet-filter-error' : undefined}
            placeholder="Filter by name, state:, tag:"
            spellCheck={false}
            autoComplete="off"
            value={filter}
            onChange={(event) => {
              setFilter(event.target.value)
              guess(event.target.value, event.target.selectionStart ?? event.target.value.length)
            }}
            onScroll={(event) => mirror.current?.scrollTo(event.currentTarget.scrollLeft, 0)}
            onBlur={() => show(nothing)}
            onKeyDown={onKeyDown}
          />
        </div>
        {filter === '' ? (
          keys && <kbd>{keys}</kbd>
        ) : (
          <IconButton icon="close" iconSize="xs" size="xs" label="Clear the filter" onClick={() => setFilter('')} />
        )}
      </div>
      <div
        id="fleet-filter-options"
        className="menu flt-options"
        role="listbox"
        aria-label="What may be meant"
        hidden={options.length === 0}
      >
        {options.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box above has the focus and handles the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the box names the option (aria-activedescendant)
          <div
            key={option}
            id={`fleet-filter-option-${index}`}
            className="mi"
            role="option"
            aria-selected={index === chosen}
            data-highlighted={index === chosen ? '' : undefined}
            // The box must not lose the focus before the click arrives.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(option)}
          >
            {option}
          </div>
        ))}
      </div>
      {errors[0] && (
        <p id="fleet-filter-error" className="flt-error" role="alert">
          {errors[0].message}
        </p>
      )}
    </div>
  )
}

/** The text of the box with what is wrong underlined, drawn below the real one. */
function Marked({ text, errors }: { text: string; errors: readonly FilterError[] }) {
  const sorted = [...errors].sort((left, right) => left.from - right.from)
  return sorted.map(({ from, to }, index) => {
    const end = index + 1 < sorted.length ? sorted[index + 1]?.from : text.length
    return (
      <span key={from}>
        {index === 0 && text.slice(0, from)}
        <u>{text.slice(from, to)}</u>
        {text.slice(to, end)}
      </span>
    )
  })
}

/** What the keys may have as values in the fleet as it is now. */
function vocabulary(key: FilterKey): readonly string[] {
  const { hosts, guests, bases } = useFleet.getState()
  switch (key) {
    case 'state':
      return stateNames
    case 'host':
      return hosts.map((host) => host.settings.name)
    case 'site':
      return sitesNow()
    case 'base':
      return [...new Set([...bases.values()].flatMap((all) => all.map(({ base }) => base)))].sort()
    case 'tag':
      return [...new Set([...guests.values()].flatMap((all) => all.flatMap(({ tags }) => tags ?? [])))].sort()
    case 'mem':
      return ['>1G', '<=512M', '>=4G']
    case 'vcpus':
      return ['1', '>=2', '>4']
  }
}
