import { useEffect, useMemo, useRef, useState } from 'react'
import type { LogSource } from '../../src-shared/contract/guests'
import { guestById, useFleet, useHost } from '../fleet/store'
import { Button, Dialog, LoadingRows, ProblemNote, Segmented, Switch, TextInput } from '../ui'
import { useLog, useSources } from './use-log'

const sourceWords: Record<LogSource, string> = { xen: 'xl dmesg', xl: 'xl', console: 'Console', qemu: 'QEMU' }

type LogsDialogProps = { hostId: string; guestId: string | undefined; onClose(): void }

/** The logs of a guest as they grow, or of the hypervisor. */
export function LogsDialog({ hostId, guestId, onClose }: LogsDialogProps) {
  const host = useHost(hostId)
  const guest = useFleet((fleet) => (guestId === undefined ? undefined : guestById(fleet, hostId, guestId)))
  const [count, setCount] = useState(0)
  const { sources, problem: listProblem } = useSources(hostId, guestId, count)
  const [chosen, setChosen] = useState<LogSource>()
  const source = chosen ?? sources?.[0]
  const { text, problem, loading } = useLog(hostId, guestId, source, count)
  const [search, setSearch] = useState('')
  const [follows, setFollows] = useState(true)
  const shown = useMemo(() => matching(text, search), [text, search])
  const end = useRef<HTMLPreElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each piece of text moves the end into sight
  useEffect(() => {
    if (follows) end.current?.scrollTo({ top: end.current.scrollHeight })
  }, [shown, follows])
  const name = guest?.name ?? host?.settings.name ?? ''
  return (
    <Dialog
      title={guestId === undefined ? `Hypervisor log of ${name}` : `Logs of ${name}`}
      beside={guestId === undefined ? undefined : <span className="f2">on {host?.settings.name}</span>}
      width={912}
      onClose={onClose}
      footer={
        <>
          <span className="f2" role="status">
            {search.trim() === '' ? '' : `${shown === '' ? 0 : shown.trimEnd().split('\n').length} lines`}
          </span>
          <span className="sp" />
          {(source === 'xen' || problem || listProblem) && (
            <Button icon="reboot" onClick={() => setCount(count + 1)}>
              Read again
            </Button>
          )}
          <Button icon="copy" disabled={shown === ''} onClick={() => void navigator.clipboard.writeText(shown)}>
            Copy
          </Button>
        </>
      }
    >
      <div className="log">
        <div className="log-bar">
          {sources && source && sources.length > 1 && (
            <Segmented<LogSource>
              label="Log"
              value={source}
              options={sources.map((value) => ({ value, label: sourceWords[value] }))}
              onChange={setChosen}
            />
          )}
          <TextInput
            stacked
            label={<span className="sr">Search the log</span>}
            icon="search"
            placeholder="Lines that hold"
            value={search}
            onChange={setSearch}
          />
          {source !== 'xen' && (
            <Switch checked={follows} onChange={setFollows}>
              Follow
            </Switch>
          )}
        </div>
        {listProblem && <ProblemNote problem={listProblem} />}
        {problem && <ProblemNote problem={problem} />}
        {!sources && !listProblem && <LoadingRows rows={8} height={16} label="Looking for logs" />}
        {sources?.length === 0 && <p className="f2">No log of {name} is on the host: xl writes one when it starts a guest.</p>}
        {source && loading && text === '' && <LoadingRows rows={8} height={16} label="Reading the log" />}
        {source && !loading && text === '' && !problem && <p className="f2">This log is empty.</p>}
        {text !== '' && shown === '' && <p className="f2">No line holds “{search.trim()}”.</p>}
        {shown !== '' && (
          <section aria-label={`Log of ${name}`}>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <pre ref={end} tabIndex={0}>
              {shown}
            </pre>
          </section>
        )}
      </div>
    </Dialog>
  )
}

/** The lines that hold the words, in upper or lower case. */
function matching(text: string, search: string): string {
  const words = search.trim().toLowerCase()
  if (words === '') return text
  return text
    .split('\n')
    .filter((line) => line.toLowerCase().includes(words))
    .join('\n')
}
