import { useRef, useState } from 'react'
import { Button, Dialog, Tag, TextInput } from '../ui'
import { KeyList } from '../ui/Kbd'
import { useAbout } from './about'
import { useDock } from './dock'
import { keyParts } from './key-table'
import { allKeysFor, isKeptByBrowser, type KeyAction } from './keymap'
import { usePreferences } from './preferences'

/** All keys, part by part; those that were changed say so. */
export function HelpDialog({ onClose }: { onClose(): void }) {
  const changes = usePreferences((preferences) => preferences.keys)
  const inBrowser = useAbout(({ about }) => about?.shell === 'browser')
  const [query, setQuery] = useState('')
  const first = useRef<HTMLInputElement>(null)
  const words = query.toLowerCase().split(' ').filter(Boolean)
  const fits = ({ id, title }: KeyAction): boolean => {
    const text = `${title} ${allKeysFor(changes, id).join(' ')}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
  const parts = keyParts
    .map(({ title, actions }) => ({ title, actions: (actions as readonly KeyAction[]).filter(fits) }))
    .filter(({ actions }) => actions.length > 0)
  return (
    <Dialog
      title="Keys"
      width={640}
      initialFocus={first}
      onClose={onClose}
      footer={
        <>
          <span className="f2">
            All other keys go to the guest.
            {inBrowser && ' Those in grey are the browser’s, unless it lets them through, or need the desktop app.'}
          </span>
          <span className="sp" />
          <Button
            onClick={() => {
              onClose()
              useDock.getState().showSettings('keys')
            }}
          >
            Change keys
          </Button>
        </>
      }
    >
      <div className="dform">
        <TextInput label="Search actions and keys" stacked inputRef={first} value={query} onChange={setQuery} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section className="help-keys" aria-label="All keys" tabIndex={0}>
          {parts.map(({ title, actions }) => (
            <section key={title} aria-label={title}>
              <h3>{title}</h3>
              <ul>
                {actions.map((action) => (
                  <li key={action.id}>
                    <span className="el">{action.title}</span>
                    {action.desktopOnly && <Tag>desktop app</Tag>}
                    {changes[action.id] !== undefined && <Tag tone="amber">changed</Tag>}
                    <span className="sp" />
                    <KeyList
                      keys={allKeysFor(changes, action.id)}
                      isOff={(keys) => inBrowser && (action.desktopOnly === true || isKeptByBrowser(keys))}
                    />
                  </li>
                ))}
              </ul>
            </section>
          ))}
          {parts.length === 0 && <p className="f2">No action is called so, and none has these keys.</p>}
        </section>
      </div>
    </Dialog>
  )
}
