import { useEffect, useState } from 'react'
import type { Layer } from '../../src-shared/contract/guests'
import { type Guest, isOff } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import type { Problem } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { asProblem } from '../api/problem'
import { countEnded, useJobs } from '../jobs/store'
import { Button, IconButton, KeyValue, LoadingRows, Menu, Note, ProblemNote } from '../ui'
import { sizeWords } from '../ui/words'
import { actOnLayer, askAbout, layerMenu, layerRefusal, snapshotWords } from './layer-acts'

/** The layer of a guest: whether its file system is whole, its snapshots, and what can be done to it. Asked of the host when it shows. */
export function LayerCard({ guest, host }: { guest: Guest; host: Host }) {
  const { hostId, id, name } = guest
  const [layer, setLayer] = useState<Layer>()
  const [problem, setProblem] = useState<Problem>()
  const ended = useJobs(({ jobs }) => countEnded(jobs, hostId, name))
  const state = [guest.state, ended].join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `state` stands for all that a new answer may depend on
  useEffect(() => {
    const stop = new AbortController()
    currentClient()
      .guests.layer({ hostId, guestId: id }, { signal: stop.signal })
      .then(
        (now) => {
          if (stop.signal.aborted) return
          setLayer(now)
          setProblem(undefined)
        },
        (error) => {
          if (!stop.signal.aborted) setProblem(asProblem(error))
        },
      )
    return () => stop.abort()
  }, [hostId, id, state])
  return (
    <section className="sec" aria-label="Layer">
      <h3>
        Layer
        <span className="sp" />
        <Menu
          trigger={<IconButton icon="more" iconSize="xs" size="xs" label="More for this layer" />}
          entries={layerMenu(guest)}
        />
      </h3>
      {problem && <ProblemNote problem={problem} />}
      {!problem && !layer && <LoadingRows rows={2} label="Looking at the layer" />}
      {!problem && layer && (
        <>
          <State layer={layer} guest={guest} host={host} />
          {layer.snapshots.length === 0 && <p className="f3">No snapshots.</p>}
          {layer.snapshots.length > 0 && (
            <ul className="snaps" aria-label="Snapshots">
              {layer.snapshots.map(({ snapshot, allocatedBytes, sizeBytes }) => (
                <li key={snapshot}>
                  <span className="el" title={`${snapshot}, ${sizeWords(allocatedBytes)} of ${sizeWords(sizeBytes)}`}>
                    {snapshotWords(snapshot)}
                  </span>
                  <span className="f3 xs">{sizeWords(allocatedBytes)}</span>
                  <IconButton
                    icon="undo"
                    iconSize="xs"
                    size="xs"
                    label={`Restore the snapshot of ${snapshotWords(snapshot)}`}
                    disabled={layerRefusal('snapshot', guest, host) !== undefined}
                    onClick={() => askAbout('revert', guest, snapshot)}
                  />
                  <IconButton
                    icon="trash"
                    iconSize="xs"
                    size="xs"
                    label={`Delete the snapshot of ${snapshotWords(snapshot)}`}
                    disabled={host.connection.phase !== 'ready'}
                    onClick={() => askAbout('forget', guest, snapshot)}
                  />
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  )
}

function State({ layer, guest, host }: { layer: Layer; guest: Guest; host: Host }) {
  if (!isOff(guest)) return <KeyValue name="File system">in use</KeyValue>
  const refused = layerRefusal('check', guest, host) !== undefined
  switch (layer.state) {
    case 'clean':
      return <KeyValue name="File system">clean</KeyValue>
    case 'journal':
      return (
        <Note
          tone="plain"
          action={
            <Button size="xs" disabled={refused} onClick={() => actOnLayer('check', guest)}>
              Check
            </Button>
          }
        >
          Its journal is still to be replayed: by its next boot, or by a check.
        </Note>
      )
    case 'errors':
      return (
        <Note
          tone="amber"
          action={
            <>
              <Button size="xs" disabled={refused} onClick={() => actOnLayer('check', guest)}>
                Check
              </Button>
              <Button size="xs" disabled={refused} onClick={() => askAbout('repair', guest)}>
                Repair
              </Button>
            </>
          }
        >
          <b>Needs fsck.</b> {guest.name} does not boot on it as it is.
        </Note>
      )
    case 'encrypted':
      return <p className="f3">Encrypted: only the guest can read it.</p>
    case 'none':
      return <Note tone="amber">The layer holds no file system. Reset it, or restore a snapshot.</Note>
  }
}
