import './welcome.css'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { LabEvent } from '../../src-shared/contract/local-lab'
import type { Problem } from '../../src-shared/problem'
import { usePage } from '../api/page'
import { asProblem } from '../api/problem'
import { showDialog } from '../frame/dialogs'
import { useKeys } from '../frame/keys'
import { Brand, Button, Dialog, Icon, type IconName, NumberStepper, ProblemNote, Tag } from '../ui'

type LabStatus = { possible: boolean; reason?: string | undefined; built: boolean; running: boolean }

/** The first screen, while there is no host: three ways on. */
export function Welcome() {
  const run = useRun()
  const keys = useKeys('palette')
  return (
    <main className="welcome" data-region="centre" aria-label="Welcome">
      <div className="wel">
        <header>
          <Brand />
          <h1>Welcome to Domdeck</h1>
          {/* The whole tour: what it is, how one finds everything, and why nothing can go wrong in silence. */}
          <p>
            Connect to a Xen dom0 over SSH, see its guests live, clone and boot new ones, and type in their consoles.{' '}
            {keys ? `${keys}` : 'The search at the top'} finds every host, guest and action. Each change is a job on the host that
            shows its script, outlives this window, and undoes itself when it fails.
          </p>
        </header>
        <ul>
          <Way icon="server" title="Add a host" words="A dom0 you can log in to with SSH. Nothing is installed on it.">
            <Button
              kind="primary"
              data-first=""
              disabled={run.busy !== undefined}
              onClick={() => showDialog({ kind: 'add-host' })}
            >
              Add host
            </Button>
          </Way>
          <LabWays run={run} />
        </ul>
        <Progress run={run} />
      </div>
    </main>
  )
}

/** The two ways that need no host, for a fleet that has some already. */
export function LabDialog({ onClose }: { onClose(): void }) {
  const run = useRun(onClose)
  return (
    <Dialog title="Local lab and simulated fleet" width={720} onClose={onClose}>
      <div className="wel wel-d">
        <ul>
          <LabWays run={run} />
        </ul>
        <Progress run={run} />
      </div>
    </Dialog>
  )
}

function LabWays({ run }: { run: Run }) {
  const client = usePage((state) => state.page?.client)
  const [status, setStatus] = useState<LabStatus>()
  const [size, setSize] = useState({ hosts: 3, guests: 40 })
  useEffect(() => {
    if (!client) return
    let gone = false
    client.localLab.status().then(
      (answer) => !gone && setStatus(answer),
      (error: unknown) => !gone && setStatus({ possible: false, reason: asProblem(error).detail, built: false, running: false }),
    )
    return () => {
      gone = true
    }
  }, [client])

  const labWords = !status
    ? 'Looking whether this machine can run it.'
    : !status.possible
      ? `Not on this machine: ${status.reason ?? 'it is not supported here'}`
      : status.running
        ? 'It runs already and only has to be added.'
        : status.built
          ? 'Built on this machine before: it is back in seconds.'
          : 'Builds it the first time, about 5 minutes; seconds after that.'
  return (
    <>
      <Way icon="flask" title="Start the local Xen lab" words={`A real Xen dom0 in QEMU on this machine. ${labWords}`}>
        <Button
          disabled={!client || !status?.possible || run.busy !== undefined}
          onClick={() => client && run.go('lab', (signal) => client.localLab.start(undefined, { signal }))}
        >
          {status?.running ? 'Add lab' : 'Start lab'}
        </Button>
      </Way>
      <Way
        icon="layers"
        title={
          <>
            Explore a simulated fleet <Tag tone="cyan">simulated</Tag>
          </>
        }
        words="Pretend hosts behind a real SSH server on this machine, to look around. Nothing real is touched."
      >
        <span className="wel-n">
          <NumberStepper
            label="Hosts"
            value={size.hosts}
            min={1}
            max={50}
            width={84}
            onChange={(hosts) => setSize({ ...size, hosts })}
          />
          <span className="f3">hosts of</span>
          <NumberStepper
            label="Guests on each"
            value={size.guests}
            min={0}
            max={200}
            step={10}
            width={96}
            onChange={(guests) => setSize({ ...size, guests })}
          />
          <span className="f3">guests</span>
          <Button
            disabled={!client || run.busy !== undefined}
            onClick={() => client && run.go('simulated', (signal) => client.localLab.simulate(size, { signal }))}
          >
            Explore
          </Button>
        </span>
      </Way>
    </>
  )
}

type WayProps = { icon: IconName; title: ReactNode; words: string; children: ReactNode }

function Way({ icon, title, words, children }: WayProps) {
  return (
    <li>
      <Icon name={icon} />
      <div className="sp nmin">
        <h2>{title}</h2>
        <p>{words}</p>
      </div>
      {children}
    </li>
  )
}

type Run = ReturnType<typeof useRun>

/** One of the two that bring hosts up here: its lines as they come, and how it failed. The fleet tells of success. */
function useRun(onReady: () => void = () => {}) {
  const [state, setState] = useState<{ busy?: 'lab' | 'simulated' | undefined; lines: readonly string[]; problem?: Problem }>({
    lines: [],
  })
  const stop = useRef<AbortController>(undefined)
  const go = async (
    what: 'lab' | 'simulated',
    start: (signal: AbortSignal) => Promise<AsyncIterable<LabEvent>>,
  ): Promise<void> => {
    const abort = new AbortController()
    stop.current = abort
    setState({ busy: what, lines: [] })
    try {
      for await (const event of await start(abort.signal)) {
        if (event.type === 'line') setState((now) => ({ ...now, lines: [...now.lines, event.text].slice(-500) }))
      }
      setState((now) => ({ lines: now.lines }))
      onReady()
    } catch (error) {
      setState((now) => (abort.signal.aborted ? { lines: [] } : { lines: now.lines, problem: asProblem(error) }))
    }
  }
  return { ...state, go: (...args: Parameters<typeof go>) => void go(...args), cancel: () => stop.current?.abort() }
}

function Progress({ run }: { run: Run }) {
  const lines = useRef<HTMLPreElement>(null)
  const count = run.lines.length
  useEffect(() => {
    if (count > 0) lines.current?.scrollTo({ top: lines.current.scrollHeight })
  }, [count])
  if (!run.busy && !run.problem) return null
  return (
    <section className="wel-p" aria-label="Progress">
      {run.busy && (
        <div className="wel-h">
          <b>{run.busy === 'lab' ? 'Starting the local Xen lab' : 'Starting the simulated fleet'}</b>
          <span className="f2 el" role="status">
            {run.lines.at(-1) ?? 'This may take a moment.'}
          </span>
          <span className="sp" />
          <Button size="s" onClick={run.cancel}>
            Cancel
          </Button>
        </div>
      )}
      {run.problem && <ProblemNote problem={run.problem} />}
      {count > 0 && (
        <section className="code" aria-label="What it says">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre ref={lines} tabIndex={0}>
            {run.lines.join('\n')}
          </pre>
        </section>
      )}
    </section>
  )
}
