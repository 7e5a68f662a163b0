import { useEffect, useRef, useState } from 'react'
import { useHost } from '../fleet/store'
import { useLog, useSources } from '../guests/use-log'
import { Button, CodeBlock, Icon, IconButton, LoadingRows, ProblemNote } from '../ui'
import type { Pane } from './layout'

type ConsoleLogProps = { pane: Pane; name: string; onClose(): void }

/**
 * What xenconsoled on the host has written down of a guest's console, followed as it grows. A block of its own above the terminal
 * and never a part of it: where the log ends and what the console still holds begins, no host tells.
 */
export function ConsoleLog({ pane, name, onClose }: ConsoleLogProps) {
  const hostName = useHost(pane.hostId)?.settings.name ?? 'its host'
  const [count, setCount] = useState(0)
  const { sources, problem } = useSources(pane.hostId, pane.guestId, count)
  const isKept = sources?.includes('console') === true
  return (
    <section className="clog" aria-label={`Log of the console of ${name}`}>
      <div className="clog-h">
        <Icon name="code" size="xs" />
        <span className="el">
          <b>Log, not the console</b>: what {hostName} has written down, with what is shown below
        </span>
        <span className="sp" />
        <IconButton icon="reboot" iconSize="xs" size="xs" label="Read the log again" onClick={() => setCount(count + 1)} />
        <IconButton icon="close" iconSize="xs" size="xs" label="Hide the log" onClick={onClose} />
      </div>
      {problem && <ProblemNote problem={problem} />}
      {!sources && !problem && <LoadingRows rows={3} height={16} label="Looking for the log" />}
      {sources && !isKept && <NoLog hostName={hostName} onRetry={() => setCount(count + 1)} />}
      {isKept && <LogText pane={pane} count={count} />}
    </section>
  )
}

function LogText({ pane, count }: { pane: Pane; count: number }) {
  const { text, problem, loading } = useLog(pane.hostId, pane.guestId, 'console', count)
  const place = useRef<HTMLPreElement>(null)
  const atEnd = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each piece of text moves the end into sight
  useEffect(() => {
    if (atEnd.current) place.current?.scrollTo({ top: place.current.scrollHeight })
  }, [text])
  if (problem) return <ProblemNote problem={problem} />
  if (text === '')
    return loading ? <LoadingRows rows={3} height={16} label="Reading the log" /> : <p className="f2">The log is empty.</p>
  return (
    <pre
      ref={place}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        // Whoever scrolls up reads; at the end the log is followed.
        atEnd.current = scrollTop + clientHeight > scrollHeight - 8
      }}
    >
      {text}
    </pre>
  )
}

/** As Debian starts xenconsoled; the folder is not made by the package, and without it there is no log. */
const turnOn = `install -d -m 0750 -g adm /var/log/xen/console
echo 'XENCONSOLED_ARGS="--log=guest"' >>/etc/default/xen
`

function NoLog({ hostName, onRetry }: { hostName: string; onRetry(): void }) {
  return (
    <div className="clog-no">
      <p>
        <b>{hostName} keeps no log of this console.</b> xenconsoled writes one when it is started with <code>--log=guest</code>.
        On Debian, as root:
      </p>
      <CodeBlock label="How to turn the log on" text={turnOn} lineNumbers={false} />
      <p className="f2">
        It begins with the next boot of dom0. Do not restart xenconsoled while guests run: they would lose their consoles.
      </p>
      <div>
        <Button onClick={onRetry}>Look again</Button>
      </div>
    </div>
  )
}
