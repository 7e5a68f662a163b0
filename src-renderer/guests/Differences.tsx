import { useCallback, useEffect, useState } from 'react'
import type { Difference } from '../../src-shared/contract/guests'
import type { Guest } from '../../src-shared/models/guest'
import type { OperationCall } from '../../src-shared/operations'
import type { Problem } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { asProblem } from '../api/problem'
import { attempt } from '../frame/notices'
import { startOperation } from '../jobs/actions'
import { countEnded, useJobs } from '../jobs/store'
import { Button, IconButton, LoadingRows, ProblemNote } from '../ui'
import { clockWords } from '../ui/words'

type Answer = { differences: readonly Difference[]; unread: readonly string[]; asOf: number }

/** How a running guest differs from its config file: asked of the host when it shows, and again when either has changed. What it said stays while it is away. */
export function Differences({ guest, ready }: { guest: Guest; ready: boolean }) {
  const { hostId, id, name } = guest
  const [answer, setAnswer] = useState<Answer>()
  const [problem, setProblem] = useState<Problem>()
  const [count, setCount] = useState(0)
  // A job about it that ends may have changed the one or the other.
  const ended = useJobs(({ jobs }) => countEnded(jobs, hostId, name))
  const state = [
    hostId,
    id,
    guest.domid,
    guest.memoryMb,
    guest.vcpus,
    guest.crashPolicy,
    guest.configPath,
    ended,
    count,
    ready,
  ].join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `state` stands for all that a new answer may depend on
  useEffect(() => {
    if (!ready) return
    const stop = new AbortController()
    currentClient()
      .guests.compare({ hostId, guestId: id }, { signal: stop.signal })
      .then(
        (now) => {
          if (stop.signal.aborted) return
          setAnswer({ ...now, asOf: Date.now() })
          setProblem(undefined)
        },
        (error) => {
          if (!stop.signal.aborted) setProblem(asProblem(error))
        },
      )
    return () => stop.abort()
  }, [state])
  const again = useCallback(() => setCount((before) => before + 1), [])
  return (
    <section className="sec" aria-label="Differences from its file">
      <h3>
        Against its file
        <span className="sp" />
        <IconButton icon="reboot" iconSize="xs" size="xs" label="Compare again" disabled={!ready} onClick={again} />
      </h3>
      {problem && <ProblemNote problem={problem} />}
      {!problem && !answer && ready && <LoadingRows rows={1} label="Comparing" />}
      {!answer && !ready && <p className="f3">Compared once the host is connected.</p>}
      {answer && (problem || !ready) && <p className="f3">As of {clockWords(answer.asOf)}:</p>}
      {answer && <Rows hostId={hostId} name={name} answer={answer} ready={ready} />}
    </section>
  )
}

type RowsProps = { hostId: string; name: string; answer: Answer; ready: boolean }

function Rows({ hostId, name, answer, ready }: RowsProps) {
  const { differences, unread } = answer
  const settle = (title: string, call: OperationCall) => void attempt(title, () => startOperation(hostId, call))
  return (
    <>
      {differences.length === 0 && <p className="f3">Runs as its file says.</p>}
      {differences.length > 0 && (
        <ul className="difs">
          {differences.map(({ title, file, guest, toGuest, toFile, note }) => (
            <li key={title}>
              <b>{title}</b>
              <dl>
                <dt>File</dt>
                <dd className="mono" title={file}>
                  {file || 'nothing'}
                </dd>
                <dt>Guest</dt>
                <dd className="mono" title={guest}>
                  {guest || 'nothing'}
                </dd>
              </dl>
              {(toGuest || toFile) && (
                <div className="dif-acts">
                  {toGuest && (
                    <Button
                      size="xs"
                      disabled={!ready}
                      aria-label={`Apply to the guest: ${title}`}
                      onClick={() => settle(`${title} of ${name}`, toGuest)}
                    >
                      Apply to the guest
                    </Button>
                  )}
                  {toFile && (
                    <Button
                      size="xs"
                      disabled={!ready}
                      aria-label={`Write to the file: ${title}`}
                      onClick={() => settle(`${title} of ${name}`, toFile)}
                    >
                      Write to the file
                    </Button>
                  )}
                </div>
              )}
              {note && <p className="f3 xs">{note}</p>}
            </li>
          ))}
        </ul>
      )}
      {unread.length > 0 && <p className="f3 xs">Not understood in the file: {unread.join(' ')}</p>}
    </>
  )
}
