import { useRef, useState } from 'react'
import { type SavedFilter, savedFilterSchema } from '../../src-shared/models/preferences'
import { showDialog } from '../frame/dialogs'
import { usePreferences } from '../frame/preferences'
import { Button, Dialog, IconButton, LinkButton, Menu, TextInput } from '../ui'
import { parseFilter } from './filter'
import { selectMatching, useTree } from './tree-store'

const noFilters: readonly SavedFilter[] = []

/** Filters under a name, above the tree: one click shows what they find, another shows all again. */
export function SavedFilters() {
  const saved = usePreferences((preferences) => preferences.filters) ?? noFilters
  const { filter, setFilter } = useTree()
  const active = saved.find((one) => one.filter === filter.trim())
  const { terms, errors } = parseFilter(filter)
  const canSave = !active && terms.length > 0 && errors.length === 0
  if (saved.length === 0 && terms.length === 0) return null
  return (
    <fieldset className="chips" aria-label="Saved filters">
      {saved.map((one) => (
        <Button
          key={one.name}
          size="xs"
          className={one === active ? 'chip on' : 'chip'}
          aria-pressed={one === active}
          title={one.filter}
          onClick={() => setFilter(one === active ? '' : one.filter)}
        >
          <span className="el">{one.name}</span>
        </Button>
      ))}
      {active && (
        <Menu
          align="start"
          trigger={<IconButton icon="more" size="xs" iconSize="xs" label={`More for the filter ${active.name}`} />}
          entries={[
            { label: 'Rename', icon: 'pencil', onSelect: () => showDialog({ kind: 'save-filter', rename: active }) },
            'rule',
            { label: `Delete the filter ${active.name}`, icon: 'trash', danger: true, onSelect: () => deleteFilter(active.name) },
          ]}
        />
      )}
      {canSave && <LinkButton onClick={() => showDialog({ kind: 'save-filter' })}>Save filter</LinkButton>}
      {terms.length > 0 && <LinkButton onClick={selectMatching}>Select all that match</LinkButton>}
    </fieldset>
  )
}

/** Forgets a saved filter of this workstation; what it finds is untouched. */
export function deleteFilter(name: string): void {
  const { filters = [], change } = usePreferences.getState()
  change({ filters: filters.filter((one) => one.name !== name) })
}

/** Asks for the name of a filter: of the one in the box, or of a saved one that is renamed. */
export function SaveFilterDialog({ rename, onClose }: { rename: SavedFilter | undefined; onClose(): void }) {
  const { filters = [], change } = usePreferences.getState()
  const [name, setName] = useState(rename?.name ?? '')
  const [tried, setTried] = useState(false)
  const first = useRef<HTMLInputElement>(null)
  const filter = rename?.filter ?? useTree.getState().filter
  const read = savedFilterSchema.safeParse({ name, filter })
  const isTaken = filters.some((one) => one !== rename && one.name.toLowerCase() === name.trim().toLowerCase())
  const error = !read.success
    ? read.error.issues[0]?.message
    : isTaken
      ? `There is a filter ${name.trim()} already.`
      : filters.length >= 100 && !rename
        ? 'There are 100 saved filters. Delete one first.'
        : undefined
  return (
    <Dialog
      title={rename ? `Rename the filter ${rename.name}` : 'Save filter'}
      initialFocus={first}
      onClose={onClose}
      footer={
        <>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form="save-filter">
            {rename ? 'Rename' : 'Save'}
          </Button>
        </>
      }
    >
      <form
        id="save-filter"
        className="dform"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (error !== undefined || !read.success) return
          change({
            filters: rename ? filters.map((one) => (one.name === rename.name ? read.data : one)) : [...filters, read.data],
          })
          onClose()
        }}
      >
        <TextInput label="Name" inputRef={first} value={name} onChange={setName} error={tried ? error : undefined} />
        <p className="f2">
          Finds <code>{filter}</code>
        </p>
      </form>
    </Dialog>
  )
}
