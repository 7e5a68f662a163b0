import './hosts.css'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type CheckupPhase, type CheckupStep, checkupPhases } from '../../src-shared/models/checkup'
import type { Problem } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { asProblem } from '../api/problem'
import { useHost } from '../fleet/store'
import { Button, Dialog, Glyph, Icon, ProblemNote } from '../ui'
import { transcriptText } from './transcript'

const titles: Record<CheckupPhase, string> = {
  resolving: 'Find the address',
  connecting: 'Connect',
  'host-key': 'Check the host key',
  auth: 'Log in',
  root: 'Become root',
  xen: 'Xen',
  storage: 'Storage root',
  tools: 'Tools',
}

const stateWords = { skipped: 'not reached', warning: 'mind this', failed: 'failed' }

/** Tests the connection to a host phase by phase, on a connection of its own, and says of each what was found or what to do. */
export function CheckupDialog({ hostId, onClose }: { hostId: string; onClose(): void }) {
  const host = useHost(hostId)
  const { steps, running, problem, again } = useCheckup(hostId)
  const first = useRef<HTMLButtonElement>(null)
  if (!host) return null
  const { name } = host.settings
  return (
    <Dialog
      title={`Test the connection to ${name}`}
      width={640}
      initialFocus={first}
      onClose={onClose}
      footer={
        <>
          <Button
            kind="ghost"
            icon="copy"
            disabled={running}
            onClick={() => void navigator.clipboard.writeText(transcriptText(host.settings, steps, titles))}
          >
            Copy transcript
          </Button>
          <span className="sp" />
          <Button icon="reboot" disabled={running} onClick={again}>
            Test again
          </Button>
          <Button ref={first} kind="primary" keys="Esc" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <ol className="checkup" aria-label={`Test of ${name}`} aria-busy={running}>
        {checkupPhases.map((phase) => (
          <Step key={phase} title={titles[phase]} step={steps.get(phase)} running={running} />
        ))}
      </ol>
      {problem && <ProblemNote problem={problem} />}
    </Dialog>
  )
}

function Step({ title, step, running }: { title: string; step: CheckupStep | undefined; running: boolean }) {
  const state = step?.state ?? (running ? 'ahead' : 'skipped')
  return (
    <li className={state}>
      <Mark state={state} />
      <div>
        <b>{title}</b>
        {(state === 'skipped' || state === 'warning' || state === 'failed') && <span className="f3"> {stateWords[state]}</span>}
        {step?.found.map((words) => (
          <div key={words} className="f2 wrap">
            {words}
          </div>
        ))}
        {step?.hint && <div className="wrap">{step.hint}</div>}
        {step?.problem && <ProblemNote problem={step.problem} />}
      </div>
      <span className="f3 num">{step?.tookMs !== undefined && `${step.tookMs} ms`}</span>
    </li>
  )
}

function Mark({ state }: { state: CheckupStep['state'] | 'ahead' | 'skipped' }) {
  switch (state) {
    case 'running':
      return <Glyph shape="booting" label="under way" />
    case 'good':
      return <Icon name="check" size="s" className="green" />
    case 'warning':
    case 'failed':
      return <Icon name="alert" size="s" />
    default:
      return <Glyph shape="queued" label="to come" />
  }
}

function useCheckup(hostId: string) {
  const [steps, setSteps] = useState<ReadonlyMap<CheckupPhase, CheckupStep>>(new Map())
  const [running, setRunning] = useState(true)
  const [problem, setProblem] = useState<Problem>()
  const [round, setRound] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each round is a test of its own
  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    setSteps(new Map())
    setProblem(undefined)
    setRunning(true)
    void (async () => {
      try {
        for await (const step of await currentClient().hosts.test({ hostId }, { signal })) {
          if (!signal.aborted) setSteps((before) => new Map(before).set(step.phase, step))
        }
      } catch (error) {
        if (!signal.aborted) setProblem(asProblem(error))
      }
      if (!signal.aborted) setRunning(false)
    })()
    return () => stop.abort()
  }, [hostId, round])
  return { steps, running, problem, again: useCallback(() => setRound((before) => before + 1), []) }
}
