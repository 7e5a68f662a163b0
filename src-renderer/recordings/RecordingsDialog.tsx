import './recordings.css'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type Cast, parseCast } from '../../src-shared/asciicast'
import type { Recording } from '../../src-shared/models/recording'
import type { Problem } from '../../src-shared/problem'
import { ProblemError } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { asProblem } from '../api/problem'
import { Button, Dialog, EmptyState, IconButton, LoadingRows, ProblemNote, Tag, TextInput } from '../ui'
import { download } from '../ui/download'
import { momentWords, sizeWords } from '../ui/words'
import { PlayerView, timeWords } from './PlayerView'

/** Finds, plays, saves and deletes what was recorded, and plays files of asciinema. */
export function RecordingsDialog({ onClose }: { onClose(): void }) {
  const [recordings, setRecordings] = useState<readonly Recording[]>()
  const [problem, setProblem] = useState<Problem>()
  const [search, setSearch] = useState('')
  const [shown, setShown] = useState<{ title: string; cast: Cast }>()
  const [deleting, setDeleting] = useState<string>()
  const file = useRef<HTMLInputElement>(null)
  const run = useCallback(async (act: () => Promise<void>): Promise<void> => {
    setProblem(undefined)
    await act().catch((error: unknown) => setProblem(error instanceof ProblemError ? error.problem : asProblem(error)))
  }, [])
  const list = useCallback(() => run(async () => setRecordings(await currentClient().recordings.list())), [run])
  useEffect(() => void list(), [list])

  const show = (title: string, text: string): void => setShown({ title, cast: readCast(title, text) })
  const words = search.trim().toLowerCase()
  const found = recordings?.filter(({ title, name }) => `${title} ${name}`.toLowerCase().includes(words))
  return (
    <Dialog
      title={shown?.title ?? 'Recordings'}
      beside={shown?.cast.cutOff ? <Tag tone="amber">its last line is cut off</Tag> : undefined}
      width={912}
      onClose={onClose}
      footer={
        shown ? (
          <>
            <span className="f2">Space plays and pauses, arrows go 5 s, &lt; and &gt; change the speed.</span>
            <span className="sp" />
            <Button icon="chevron-left" onClick={() => setShown(undefined)}>
              All recordings
            </Button>
          </>
        ) : (
          <>
            <span className="f2">asciicast version 2, in the folder “recordings” beside the settings.</span>
            <span className="sp" />
            <Button icon="play" onClick={() => file.current?.click()}>
              Open a file
            </Button>
          </>
        )
      }
    >
      {problem && <ProblemNote problem={problem} />}
      <input
        ref={file}
        type="file"
        hidden
        aria-label="A recording in a file"
        accept=".cast,.json,.txt,application/x-asciicast"
        onChange={(event) => {
          const [chosen] = event.target.files ?? []
          event.target.value = ''
          if (chosen) void run(async () => show(chosen.name, await chosen.text()))
        }}
      />
      {shown ? (
        <PlayerView cast={shown.cast} />
      ) : (
        <div className="recs">
          <TextInput
            stacked
            label={<span className="sr">Find recordings</span>}
            icon="search"
            placeholder="Guest, host or file"
            value={search}
            onChange={setSearch}
          />
          {!found && !problem && <LoadingRows rows={4} label="Reading the recordings" />}
          {found?.length === 0 && (
            <EmptyState>
              {recordings?.length === 0
                ? 'Nothing is recorded yet. The menu of a console pane records it.'
                : 'No recording is called so.'}
            </EmptyState>
          )}
          <ul aria-label="Recordings">
            {found?.map((recording) => (
              <li key={recording.name}>
                <span className="el" title={recording.name}>
                  <b>{recording.title}</b>
                </span>
                {recording.running && <Tag tone="red">recording</Tag>}
                <span className="sp" />
                {deleting === recording.name ? (
                  <>
                    <span className="f2">Delete it for good?</span>
                    <Button
                      size="s"
                      kind="danger"
                      onClick={() =>
                        void run(async () => {
                          setDeleting(undefined)
                          await currentClient().recordings.remove({ name: recording.name })
                          await list()
                        })
                      }
                    >
                      Delete
                    </Button>
                    <Button size="s" onClick={() => setDeleting(undefined)}>
                      Keep
                    </Button>
                  </>
                ) : (
                  <>
                    <span className="f2 nw">{factsOf(recording)}</span>
                    <Button
                      size="s"
                      icon="play"
                      aria-label={`Play ${recording.title}`}
                      onClick={() => void run(async () => show(recording.title, await textOf(recording)))}
                    >
                      Play
                    </Button>
                    <IconButton
                      icon="download"
                      label={`Save ${recording.name} as a file`}
                      onClick={() =>
                        void run(async () => download(recording.name, 'application/x-asciicast', await textOf(recording)))
                      }
                    />
                    <IconButton
                      icon="trash"
                      label={`Delete ${recording.name}`}
                      disabled={recording.running}
                      onClick={() => setDeleting(recording.name)}
                    />
                  </>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Dialog>
  )
}

function factsOf({ startedAt, endedAt, sizeBytes }: Recording): string {
  const span = startedAt === undefined ? [] : [timeWords(Math.max(0, (endedAt - startedAt) / 1000))]
  return [momentWords(startedAt ?? endedAt), ...span, sizeWords(sizeBytes)].join(' · ')
}

async function textOf({ name }: Recording): Promise<string> {
  const pieces: string[] = []
  for await (const piece of (await currentClient().recordings.read({ name })) as AsyncIterable<string>) pieces.push(piece)
  return pieces.join('')
}

function readCast(name: string, text: string): Cast {
  try {
    return parseCast(text)
  } catch (thrown) {
    throw new ProblemError('BAD_INPUT', `${name} cannot be played. ${(thrown as Error).message}`, {
      hint: 'Record with asciinema 2, or convert the file: asciinema convert --output-format asciicast-v2.',
    })
  }
}
