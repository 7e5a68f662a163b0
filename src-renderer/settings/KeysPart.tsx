import { useEffect, useState } from 'react'
import { keyParts } from '../frame/key-table'
import {
  allKeysFor,
  conflictOf,
  holderOf,
  type KeyAction,
  type KeyActionId,
  keyActions,
  rebind,
  refusedKeys,
} from '../frame/keymap'
import { recordKeys } from '../frame/keys'
import { usePreferences } from '../frame/preferences'
import { Button, IconButton, Kbd, LinkButton, Tag } from '../ui'
import { KeyList } from '../ui/Kbd'

/** All shortcuts, and other keys for them. */
export function KeysPart() {
  const changes = usePreferences((preferences) => preferences.keys)
  const change = usePreferences((preferences) => preferences.change)
  const [asked, setAsked] = useState<KeyActionId>()
  const changed = keyActions.some((action) => changes[action.id] !== undefined)
  return (
    <div className="set-k">
      <p className="f3">
        A console that has the focus leaves the page’s keys to its guest. Consoles have Terminator’s keys, and where a browser or
        the desktop keeps one for itself, another beside it. Ctrl+Shift+V pastes and cannot be changed.
      </p>
      {keyParts.map(({ title, actions }) => (
        <section key={title} aria-label={title}>
          <h2>{title}</h2>
          <table className="tbl">
            <thead>
              <tr>
                <th>Action</th>
                <th>Keys</th>
                <th>
                  <span className="sr">Change</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {actions.map((action) => (
                <KeyRow
                  key={action.id}
                  action={action}
                  asked={asked === action.id}
                  onAsk={() => setAsked(action.id)}
                  onDone={() => setAsked(undefined)}
                />
              ))}
            </tbody>
          </table>
        </section>
      ))}
      <Button icon="undo" disabled={!changed} onClick={() => change({ keys: {} })}>
        Reset all keys
      </Button>
    </div>
  )
}

type KeyRowProps = { action: KeyAction; asked: boolean; onAsk(): void; onDone(): void }

function KeyRow({ action, asked, onAsk, onDone }: KeyRowProps) {
  const { keys: changes, change } = usePreferences()
  const keys = allKeysFor(changes, action.id)
  const isUsual = changes[action.id] === undefined
  const conflict = conflictOf(changes, action.id)
  const bind = (to: string): void => change({ keys: { ...rebind(changes, action.id, to) } })
  return (
    <>
      <tr>
        <td>
          {action.title} {action.desktopOnly && <Tag>desktop app</Tag>}
          {conflict !== undefined && <span className="err">{conflict}</span>}
        </td>
        <td>
          <KeyList keys={keys} />
        </td>
        <td className="acts-c">
          <Button size="xs" aria-label={`Change the keys of: ${action.title}`} onClick={onAsk} disabled={asked}>
            Change
          </Button>
          <IconButton
            icon="close"
            iconSize="xs"
            size="xs"
            label={`No keys for: ${action.title}`}
            disabled={keys.length === 0}
            onClick={() => bind('')}
          />
          <IconButton
            icon="undo"
            iconSize="xs"
            size="xs"
            label={`Usual keys for: ${action.title}`}
            disabled={isUsual}
            onClick={() => bind(action.keys)}
          />
        </td>
      </tr>
      {asked && (
        <tr>
          <td colSpan={3} className="set-r">
            <Recorder
              action={action}
              onKeys={(to) => {
                bind(to)
                onDone()
              }}
              onCancel={onDone}
            />
          </td>
        </tr>
      )}
    </>
  )
}

type RecorderProps = { action: KeyAction; onKeys(keys: string): void; onCancel(): void }

/** Waits for keys. Those that another action has are taken from it only when that is confirmed. */
function Recorder({ action, onKeys, onCancel }: RecorderProps) {
  const changes = usePreferences((preferences) => preferences.keys)
  const [pressed, setPressed] = useState('')
  const refusal = pressed === '' ? undefined : refusedKeys(pressed, action.where)
  const holder = pressed === '' || refusal !== undefined ? undefined : holderOf(changes, pressed, action.id)
  const recording = holder === undefined
  useEffect(() => {
    if (!recording) return
    recordKeys((keys, event) => {
      if (event.key === 'Escape') return onCancel()
      if (keys === undefined) return
      if (refusedKeys(keys, action.where) === undefined && !holderOf(changes, keys, action.id)) onKeys(keys)
      else setPressed(keys)
    })
    return () => recordKeys(undefined)
  }, [recording, changes, action, onKeys, onCancel])
  if (holder) {
    const left = allKeysFor(rebind(changes, action.id, pressed), holder.id)
    const isSwap = left.some((keys) => !allKeysFor(changes, holder.id).includes(keys))
    return (
      <div className="set-a" role="alert">
        <span className="sp">
          <Kbd keys={pressed} /> is “{holder.title}” now, which would {isSwap ? 'get' : 'keep'}{' '}
          {left.length === 0 ? 'no keys' : <KeyList keys={left} />}.
        </span>
        <Button size="xs" kind="primary" autoFocus onClick={() => onKeys(pressed)}>
          {isSwap ? 'Swap' : 'Take them'}
        </Button>
        <Button size="xs" onClick={onCancel}>
          Leave it
        </Button>
      </div>
    )
  }
  return (
    <div className="set-a">
      <span className="sp" role="alert">
        {refusal === undefined ? (
          'Press the new keys, or Escape to leave it.'
        ) : (
          <span className="red">{refusal} Press others, or Escape.</span>
        )}
      </span>
      <LinkButton className="f2" onClick={onCancel}>
        Leave it
      </LinkButton>
    </div>
  )
}
