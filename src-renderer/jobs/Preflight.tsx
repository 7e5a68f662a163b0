import type { Check } from '../../src-shared/models/check'
import type { Problem } from '../../src-shared/problem'
import { Icon, IconButton, LoadingRows, ProblemNote } from '../ui'

const marks = { pass: 'check', warn: 'alert', fail: 'close' } as const
const rowClass = { pass: undefined, warn: 'wn', fail: 'wn fl' }
const said = { pass: 'passed', warn: 'warning', fail: 'failed' }

/** `6 passed, 1 warning, 2 failed`, leaving out what there is none of. */
export function checkCounts(checks: readonly Check[]): string {
  const count = (verdict: Check['verdict']): number => checks.filter((check) => check.verdict === verdict).length
  const [passed, warned, failed] = [count('pass'), count('warn'), count('fail')]
  return [
    passed > 0 && `${passed} passed`,
    warned > 0 && `${warned} ${warned === 1 ? 'warning' : 'warnings'}`,
    failed > 0 && `${failed} failed`,
  ]
    .filter(Boolean)
    .join(', ')
}

type PreflightProps = { checks: readonly Check[] | undefined; pending: boolean; problem: Problem | undefined; onAgain(): void }

/** The checks before anything is written: what failed first, so that it is never out of sight; warnings last. */
export function Preflight({ checks, pending, problem, onAgain }: PreflightProps) {
  const order = ['fail', 'pass', 'warn']
  const sorted = [...(checks ?? [])].sort((left, right) => order.indexOf(left.verdict) - order.indexOf(right.verdict))
  return (
    <section aria-label="Preflight" aria-busy={pending}>
      <h3 className="h3">
        Preflight
        <span className="sp" />
        <span className="f3 pf-n" role="status">
          {pending ? 'Checking' : checks && checkCounts(checks)}
        </span>
        {problem && <IconButton icon="reboot" iconSize="xs" size="xs" label="Check again" disabled={pending} onClick={onAgain} />}
      </h3>
      {problem && <ProblemNote problem={problem} />}
      {!checks && !pending && !problem && <p className="f2">Nothing is checked until the form is right.</p>}
      {!checks && pending && <LoadingRows rows={6} height={28} label="Checking" />}
      <ul className={pending ? 'pf old' : 'pf'}>
        {sorted.map((check) => (
          <li key={check.title} className={rowClass[check.verdict]}>
            <Icon name={marks[check.verdict]} size="s" />
            <span>
              <span className="sr">{said[check.verdict]}: </span>
              {check.title}
            </span>
            <div className="d">
              {check.fact}
              {check.advice && <p>{check.advice}</p>}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
