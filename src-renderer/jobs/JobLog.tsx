import { useEffect, useRef, useState } from 'react'
import type { Job } from '../../src-shared/models/job'
import type { Problem } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { asProblem } from '../api/problem'
import { Button, Dialog, LoadingRows, ProblemNote } from '../ui'
import { outcome } from './words'

/** More than this of one log is not kept in the page; the host has it all. */
const maxLogCharacters = 400_000

/** The log of one job as it grows, and the script it ran with. */
export function JobLog({ job, onClose }: { job: Job; onClose(): void }) {
  const { text, problem, loading } = useLog(job)
  const end = useRef<HTMLPreElement>(null)
  const [copied, setCopied] = useState<'log' | 'script'>()
  const [scriptProblem, setScriptProblem] = useState<Problem>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: each piece of text moves the end into sight
  useEffect(() => {
    end.current?.scrollTo({ top: end.current.scrollHeight })
  }, [text])
  const copyScript = async (): Promise<void> => {
    try {
      const { standalone } = await currentClient().jobs.script({ hostId: job.hostId, jobId: job.id })
      await navigator.clipboard.writeText(standalone)
      setCopied('script')
    } catch (error) {
      setScriptProblem(asProblem(error))
    }
  }
  return (
    <Dialog
      title={job.title}
      beside={<span className="f2">{outcome(job)}</span>}
      width={912}
      onClose={onClose}
      footer={
        <>
          <span className="f2">
            By {job.by} from {job.from} · <span className="mono">{job.id}</span>
          </span>
          <span className="sp" />
          <Button icon="code" onClick={() => void copyScript()}>
            {copied === 'script' ? 'Copied' : 'Copy as script'}
          </Button>
          <Button
            icon="copy"
            disabled={text === ''}
            onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied('log'))}
          >
            {copied === 'log' ? 'Copied' : 'Copy log'}
          </Button>
        </>
      }
    >
      <div className="log">
        {job.problem && <ProblemNote problem={job.problem} />}
        {problem && <ProblemNote problem={problem} />}
        {scriptProblem && <ProblemNote problem={scriptProblem} />}
        {loading && text === '' && <LoadingRows rows={8} height={16} label="Reading the log" />}
        {!loading && text === '' && !problem && <p className="f2">This job has logged nothing yet.</p>}
        {text !== '' && (
          <section aria-label={`Log of ${job.title}`}>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <pre ref={end} tabIndex={0}>
              {text}
            </pre>
          </section>
        )}
      </div>
    </Dialog>
  )
}

function useLog({ hostId, id }: Job): { text: string; problem: Problem | undefined; loading: boolean } {
  const [state, setState] = useState<{ text: string; problem: Problem | undefined; loading: boolean }>({
    text: '',
    problem: undefined,
    loading: true,
  })
  useEffect(() => {
    const stop = new AbortController()
    const follow = async (): Promise<void> => {
      try {
        for await (const piece of await currentClient().jobs.log({ hostId, jobId: id }, { signal: stop.signal }))
          setState((before) => ({ ...before, text: (before.text + piece.text).slice(-maxLogCharacters) }))
        setState((before) => ({ ...before, loading: false }))
      } catch (error) {
        if (!stop.signal.aborted) setState((before) => ({ ...before, loading: false, problem: asProblem(error) }))
      }
    }
    void follow()
    return () => stop.abort()
  }, [hostId, id])
  return state
}
