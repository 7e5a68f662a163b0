import { Button, Icon, IconButton } from '../ui'
import { type Notice, useNotices } from './notices'

/** Failures of things that are no longer on screen, and what happened by itself. */
export function NoticeList() {
  const { notices, dismiss } = useNotices()
  return (
    <section className="notices" aria-label="Notices" aria-live="polite">
      {notices.map((notice) => (
        <div key={notice.id} className="notice">
          <Words notice={notice} onShow={() => dismiss(notice.id)} />
          <IconButton icon="close" iconSize="xs" size="xs" label="Dismiss" onClick={() => dismiss(notice.id)} />
        </div>
      ))}
    </section>
  )
}

const tones = {
  good: { icon: 'check', className: 'green' },
  bad: { icon: 'alert', className: 'red' },
  plain: { icon: 'bell', className: 'f3' },
} as const

function Words({ notice, onShow }: { notice: Notice; onShow(): void }) {
  if (notice.kind === 'problem') {
    const { what, problem } = notice
    return (
      <>
        <Icon name="alert" className="red" />
        <div className="sp nmin">
          <b>
            {what}: {problem.title}
          </b>
          <div>{problem.detail}</div>
          <div className="f2">{problem.hint}</div>
        </div>
      </>
    )
  }
  const { tone, title, text, show } = notice.news
  return (
    <>
      <Icon name={tones[tone].icon} className={tones[tone].className} />
      <div className="sp nmin">
        <b>{title}</b>
        <div>{text}</div>
      </div>
      <Button
        size="xs"
        onClick={() => {
          onShow()
          show()
        }}
      >
        Show
      </Button>
    </>
  )
}
