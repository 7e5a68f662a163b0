import { useRef, useState } from 'react'
import type { SavedLayout } from '../../src-shared/models/preferences'
import { useDock } from '../frame/dock'
import { usePreferences } from '../frame/preferences'
import { Button, Dialog, EmptyState, IconButton, TextInput } from '../ui'
import { deleteLayout, keepLayoutAs, layoutNameProblem, layoutWords, openLayout, renameLayout } from './named-layouts'
import { useConsoles } from './store'

/** Layouts of consoles under a name: opens, renames and deletes them, and keeps what is open as another one. */
export function LayoutsDialog({ onClose }: { onClose(): void }) {
  const layouts = usePreferences((preferences) => preferences.layouts) ?? []
  const isEmpty = useConsoles((state) => state.panes.size === 0)
  const [renamed, setRenamed] = useState<SavedLayout>()
  return (
    <Dialog title="Layouts of consoles" onClose={onClose}>
      <div className="dform">
        {layouts.length === 0 && (
          <EmptyState>No layout is kept yet. Open the consoles you watch together, then keep them here.</EmptyState>
        )}
        <ul className="layouts" aria-label="Layouts">
          {layouts.map((saved) => (
            <li key={saved.name}>
              {saved === renamed ? (
                <NameForm
                  label={`Name of the layout ${saved.name}`}
                  verb="Rename"
                  initial={saved.name}
                  problem={(name) => layoutNameProblem(name, saved)}
                  onName={(name) => {
                    renameLayout(saved, name)
                    setRenamed(undefined)
                  }}
                />
              ) : (
                <>
                  <span className="el">{saved.name}</span>
                  <span className="f3 nw">{layoutWords(saved)}</span>
                  <span className="sp" />
                  <Button
                    size="xs"
                    aria-label={`Open the layout ${saved.name}`}
                    onClick={() => {
                      useDock.getState().showConsoles()
                      openLayout(saved)
                      onClose()
                    }}
                  >
                    Open
                  </Button>
                  <IconButton
                    icon="pencil"
                    size="xs"
                    iconSize="xs"
                    label={`Rename the layout ${saved.name}`}
                    onClick={() => setRenamed(saved)}
                  />
                  <IconButton
                    icon="trash"
                    size="xs"
                    iconSize="xs"
                    label={`Delete the layout ${saved.name}`}
                    onClick={() => deleteLayout(saved)}
                  />
                </>
              )}
            </li>
          ))}
        </ul>
        {isEmpty ? (
          <p className="f2">No console is open that could be kept.</p>
        ) : (
          <NameForm label="Keep what is open as" verb="Keep" initial="" problem={layoutNameProblem} onName={keepLayoutAs} />
        )}
      </div>
    </Dialog>
  )
}

type NameFormProps = {
  label: string
  verb: string
  initial: string
  /** Why the name will not do; undefined when it will. */
  problem(name: string): string | undefined
  onName(name: string): void
}

function NameForm({ label, verb, initial, problem, onName }: NameFormProps) {
  const [name, setName] = useState(initial)
  const [tried, setTried] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const error = problem(name)
  return (
    <form
      className="layout-name"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (error !== undefined) return input.current?.focus()
        onName(name)
        setName('')
        setTried(false)
      }}
    >
      <TextInput label={label} stacked inputRef={input} value={name} onChange={setName} error={tried ? error : undefined} />
      <Button submit>{verb}</Button>
    </form>
  )
}
