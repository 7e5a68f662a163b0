import { Icon, IconButton } from '../ui'
import { useNotices } from './notices'

/** Failures of things that are no longer on screen. */
export function NoticeList() {
  const { notices, dismiss } = useNotices()
  return (
    <section className="notices" aria-label="Notices" aria-live="polite">
      {notices.map(({ id, what, problem }) => (
        <div key={id} className="notice">
          <Icon name="alert" className="red" />
          <div className="sp nmin">
            <b>
              {what}: {problem.title}
            </b>
            <div>{problem.detail}</div>
            <div className="f2">{problem.hint}</div>
          </div>
          <IconButton icon="close" iconSize="xs" size="xs" label="Dismiss" onClick={() => dismiss(id)} />
        </div>
      ))}
    </section>
  )
}
