import { useState } from 'react'
import { useAbout } from '../frame/about'
import { usePreferences } from '../frame/preferences'
import { Button, Note, Switch } from '../ui'

const kinds = [
  { key: 'tellJobEnds', title: 'A long job of mine ends', text: 'Longer than 10 seconds, while this window has not the focus.' },
  { key: 'tellJobFailures', title: 'A long job of mine fails', text: 'Likewise, and when it is interrupted.' },
  {
    key: 'tellCrashes',
    title: 'A guest crashes',
    text: 'Xen keeps it in the state “crashed”, as on_crash = "preserve" asks for.',
  },
  {
    key: 'tellStops',
    title: 'A guest stops without a job',
    text: 'Shut down from inside, stopped by somebody else, or crashed and destroyed for it: dom0 does not tell which.',
  },
] as const

/** What is told of, and where. */
export function NotificationsPart() {
  const preferences = usePreferences()
  return (
    <div className="set-n">
      <Permission />
      <ul>
        {kinds.map(({ key, title, text }) => (
          <li key={key}>
            <Switch checked={preferences[key]} onChange={(checked) => preferences.change({ [key]: checked })}>
              {title}
            </Switch>
            <p className="f3">{text}</p>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Notifications of the desktop need the person's leave in a browser; a browser asks only after a click. */
function Permission() {
  const isDesktop = useAbout((state) => state.about?.shell === 'desktop')
  const [permission, setPermission] = useState(() => ('Notification' in window ? Notification.permission : 'unsupported'))
  if (isDesktop || permission === 'granted')
    return (
      <p className="f2">
        Notices stand at the bottom right of the page; while the window has not the focus, the desktop shows them too.
      </p>
    )
  if (permission === 'default')
    return (
      <Note
        tone="azure"
        icon="bell"
        action={<Button onClick={() => void Notification.requestPermission().then(setPermission)}>Allow</Button>}
      >
        Notices stand at the bottom right of the page. With your leave the desktop shows them too, while the window has not the
        focus.
      </Note>
    )
  return (
    <Note tone="plain" icon="bell">
      Notices stand at the bottom right of the page.{' '}
      {permission === 'denied'
        ? 'This browser refuses to show them on the desktop; its settings for this address change that.'
        : 'This browser cannot show them on the desktop.'}
    </Note>
  )
}
