import type { MendId, MendItem } from '../../src-shared/models/mend'
import { Checkbox, Icon } from '../ui'

const marks = { pass: 'check', warn: 'alert', fail: 'close' } as const
const said = { pass: 'right', warn: 'warning', fail: 'wrong' }

type MendListProps = { items: readonly MendItem[]; left: ReadonlySet<MendId>; onChange(left: ReadonlySet<MendId>): void }

/** The checklist: what is wrong first, with what would change in it; what can be mended has a box. */
export function MendList({ items, left, onChange }: MendListProps) {
  const order = ['fail', 'warn', 'pass']
  const sorted = [...items].sort((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict))
  const toggle = (id: MendId, on: boolean): void => {
    const next = new Set(left)
    if (on) next.delete(id)
    else next.add(id)
    onChange(next)
  }
  return (
    <ul className="mends" aria-label="What it says of its disks and its console">
      {sorted.map(({ id, title, verdict, fact, advice, changes }) => (
        <li key={title} className={verdict}>
          <Icon name={marks[verdict]} size="s" />
          <div className="nmin">
            {id ? (
              <Checkbox checked={!left.has(id)} onChange={(on) => toggle(id, on)}>
                <b>{title}</b>
              </Checkbox>
            ) : (
              <b>{title}</b>
            )}{' '}
            <span className="sr">{said[verdict]}: </span>
            <span className="f2">{fact}</span>
            {advice && <p className="f3">{advice}</p>}
            {changes.length > 0 && (
              <pre className="diff">
                {changes.map((line, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
                  <span key={at} className={line.startsWith('+') ? 'new' : line.startsWith('-') ? 'gone' : 'f3'}>
                    {line}
                    {'\n'}
                  </span>
                ))}
              </pre>
            )}
          </div>
        </li>
      ))}
    </ul>
  )
}
