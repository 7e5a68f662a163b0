import { useCallback, useEffect, useState } from 'react'
import type { Crash } from '../../src-shared/models/crash'
import { currentClient, usePage } from '../api/page'
import { useCall } from '../api/use-call'
import { useAbout } from '../frame/about'
import { Button, CodeBlock, CopyButton, EmptyState, KeyValue, LoadingRows, ProblemNote } from '../ui'
import { clockWords, countWords } from '../ui/words'

/** Where things are kept, and what went wrong in Domdeck itself. */
export function FilesPart() {
  const about = useAbout((state) => state.about)
  if (!about) return <LoadingRows rows={4} label="Reading where files are kept" />
  return (
    <div className="set-s">
      {about.problem && <ProblemNote problem={about.problem} />}
      <section aria-labelledby="set-folder">
        <h2 id="set-folder">Settings folder</h2>
        <KeyValue name="Folder" mono>
          <span className="el" title={about.folder}>
            {about.folder}
          </span>
          <CopyButton text={about.folder} label="Copy the path of the folder" />
        </KeyValue>
        <KeyValue name="Settings">settings.json</KeyValue>
        <KeyValue name="Host keys">known_hosts</KeyValue>
        <KeyValue name="Crash reports">crashes.json</KeyValue>
        <KeyValue name="Version">
          {about.version}, {about.shell === 'desktop' ? 'desktop app' : 'browser shell'}
        </KeyValue>
        <p className="f3">All else is on the hosts themselves: bases, guests and jobs are plain files on dom0.</p>
      </section>
      <CrashReports />
    </div>
  )
}

function CrashReports() {
  const page = usePage((state) => state.page)
  const [crashes, setCrashes] = useState<readonly Crash[]>()
  const { run, busy, problem } = useCall()
  const read = useCallback(() => run(async () => setCrashes(await currentClient().settings.crashes())), [run])
  useEffect(() => {
    if (page) void read()
  }, [page, read])
  const text = crashes?.map(crashText).join('\n\n') ?? ''
  return (
    <section aria-labelledby="set-crashes">
      <h2 id="set-crashes">
        Crash reports
        <span className="sp" />
        {crashes && crashes.length > 0 && (
          <>
            <CopyButton text={text} label="Copy all crash reports" />
            <Button
              size="xs"
              icon="trash"
              disabled={busy}
              onClick={() =>
                void run(async () => {
                  await currentClient().settings.deleteCrashes()
                  setCrashes([])
                })
              }
            >
              Delete all
            </Button>
          </>
        )}
      </h2>
      <p className="f3">
        Mistakes of Domdeck itself, kept on this workstation and sent nowhere: what the code said, without words of hosts or
        guests.
      </p>
      {problem && <ProblemNote problem={problem} action={<Button onClick={() => void read()}>Try again</Button>} />}
      {!crashes && !problem && <LoadingRows rows={2} label="Reading the crash reports" />}
      {crashes?.length === 0 && <EmptyState>None. Nothing has gone wrong in Domdeck itself.</EmptyState>}
      {crashes?.map((crash) => (
        <details key={crash.id}>
          <summary>
            <span className="el">{crash.message}</span>
            <span className="f3 nw">
              {crash.where === 'main' ? 'main side' : 'page'}, {new Date(crash.lastAt).toLocaleDateString('en-GB')}{' '}
              {clockWords(crash.lastAt)}
              {crash.times > 1 && `, ${countWords(crash.times, 'time')}`}
            </span>
          </summary>
          <CodeBlock label="Crash report" text={crashText(crash)} shell={false} lineNumbers={false} maxHeight={240} />
        </details>
      ))}
    </section>
  )
}

function crashText({ message, stack, where, version, firstAt, lastAt, times }: Crash): string {
  const span = times > 1 ? `${times} times from ${new Date(firstAt).toISOString()} to` : 'at'
  return [
    message,
    `Domdeck ${version}, ${where}, ${span} ${new Date(lastAt).toISOString()}`,
    ...stack.map((line) => `    ${line}`),
  ].join('\n')
}
