import type { CSSProperties, ReactNode } from 'react'
import type { Problem } from '../../src-shared/problem'
import { Icon, type IconName } from './Icon'

const noteIcons = { amber: 'alert', azure: 'info', red: 'alert', cyan: 'clock', plain: 'info' } satisfies Record<string, IconName>

/** A notice in place. `said` is what the host said, in mono. */
export function Note(props: {
  tone: keyof typeof noteIcons
  icon?: IconName | undefined
  children: ReactNode
  said?: string | undefined
  action?: ReactNode
}) {
  return (
    <div className={`note ${props.tone}-n`}>
      <Icon name={props.icon ?? noteIcons[props.tone]} />
      <div className="sp nmin">
        {props.children}
        {props.said && <span className="said">{props.said}</span>}
      </div>
      {props.action}
    </div>
  )
}

/** A failure in the shape of what failed: what and why, the host's own words, and the next step. */
export function ProblemNote({ problem, action }: { problem: Problem; action?: ReactNode }) {
  const command = problem.context?.command
  const exit = problem.context?.exitCode
  const output = problem.context?.output?.trimEnd()
  const said = [command && `$ ${command}`, output, exit !== undefined && `exit status ${exit}`].filter(Boolean).join('\n')
  return (
    <Note tone="red" said={said || undefined} action={action}>
      <b>{problem.title}</b>
      <div>{problem.detail}</div>
      <div className="f2">{problem.hint}</div>
    </Note>
  )
}

/** A share from 0 to 1; amber over 88 %. `label` says what it measures. */
export function Bar({ share, label, width, tone }: { share: number; label: string; width?: number; tone?: 'layer' | undefined }) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100)
  const classes = ['bar', percent > 88 ? 'hi' : '', tone ?? ''].filter(Boolean).join(' ')
  return (
    <span className={classes} style={width ? { width } : undefined} role="img" aria-label={`${label} ${percent}%`}>
      <i style={{ width: `${percent}%` }} />
    </span>
  )
}

/** Steps of something under way: `current` is an index, -1 before the first, `total` when all are done; `fraction` fills the current one. */
export function Steps({
  total,
  current,
  fraction,
  failed,
}: {
  total: number
  current: number
  fraction?: number | undefined
  failed?: boolean
}) {
  const done = Math.max(0, Math.min(total, current))
  return (
    <span
      className="steps"
      role="img"
      aria-label={current >= total ? `All ${total} steps done` : `Step ${Math.max(0, current) + 1} of ${total}`}
    >
      {Array.from({ length: total }, (_, index) => {
        const state = index < done ? 'd' : index === current ? (failed ? 'f' : 'a') : ''
        const style =
          state === 'a' && fraction !== undefined
            ? ({ '--fill': `${Math.round((1 - fraction) * 100)}%` } as CSSProperties)
            : undefined
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
        return <i key={index} className={state} style={style} />
      })}
    </span>
  )
}

/** A few words in a small box. */
export function Tag({
  tone,
  children,
}: {
  tone?: 'amber' | 'azure' | 'cyan' | 'red' | 'green' | undefined
  children: ReactNode
}) {
  return <span className={tone ? `tag ${tone}-t` : 'tag'}>{children}</span>
}

/** One line of an inspector: what, and its value. */
export function KeyValue({ name, mono, children }: { name: ReactNode; mono?: boolean; children: ReactNode }) {
  return (
    <div className="kv">
      <span>{name}</span>
      <span className={mono ? 'mono' : undefined}>{children}</span>
    </div>
  )
}
