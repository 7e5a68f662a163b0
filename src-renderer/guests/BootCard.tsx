import { useEffect, useState } from 'react'
import type { BootLook } from '../../src-shared/contract/guests'
import { type Guest, isOff } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import type { Problem } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { asProblem } from '../api/problem'
import { showDialog } from '../frame/dialogs'
import { countEnded, useJobs } from '../jobs/store'
import { Button, IconButton, KeyValue, LoadingRows, Note, ProblemNote, Tag } from '../ui'
import { bootRefusal, bootsAs } from './boot-form'
import { mendRefusal } from './mend-acts'
import { PathLine } from './PathLine'

/** How a guest boots: who loads its kernel, the kernels that its disks hold, and those among them that never boot. Asked of the host when it shows. */
export function BootCard({ guest, host }: { guest: Guest; host: Host }) {
  const { hostId, id, name } = guest
  const [look, setLook] = useState<BootLook>()
  const [problem, setProblem] = useState<Problem>()
  const ended = useJobs(({ jobs }) => countEnded(jobs, hostId, name))
  const ready = host.connection.phase === 'ready' && guest.configPath !== undefined
  const state = [guest.state, ended].join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `state` stands for all that a new answer may depend on
  useEffect(() => {
    if (!ready) return
    const stop = new AbortController()
    currentClient()
      .guests.planBoot({ hostId, guestId: id }, { signal: stop.signal })
      .then(
        (now) => {
          if (stop.signal.aborted) return
          setLook(now)
          setProblem(undefined)
        },
        (error) => {
          if (!stop.signal.aborted) setProblem(asProblem(error))
        },
      )
    return () => stop.abort()
  }, [hostId, id, state, ready])
  return (
    <section className="sec" aria-label="Boot">
      <h3>
        Boot
        <span className="sp" />
        <span className="beside">{bootsAs(guest)}</span>
        <IconButton
          icon="pencil"
          iconSize="xs"
          size="xs"
          label="Change: How it boots"
          disabled={bootRefusal(guest, host) !== undefined}
          onClick={() => showDialog({ kind: 'boot', hostId, guestId: id })}
        />
      </h3>
      {guest.type && <KeyValue name="Type">{guest.type.toUpperCase()}</KeyValue>}
      {guest.kernel && <PathLine name="Kernel" path={guest.kernel} />}
      {ready && problem && <ProblemNote problem={problem} />}
      {ready && !problem && !look && <LoadingRows rows={2} label="Looking at how it boots" />}
      {ready && !problem && look && <Found look={look} guest={guest} host={host} />}
    </section>
  )
}

const places = { base: 'in the base', layer: 'in the layer', disk: 'on its disk' }

function Found({ look, guest, host }: { look: BootLook; guest: Guest; host: Host }) {
  // Of a guest that runs nothing but this can be wrong, and it is not.
  const wrong = look.checks.filter(({ title, verdict }) => verdict !== 'pass' && title !== 'Guest')
  return (
    <>
      {look.booted !== undefined && (
        <KeyValue name="Version" mono>
          {look.booted}
        </KeyValue>
      )}
      {look.kernels.length > 0 && (
        <ul className="kernels" aria-label="Kernels of the guest">
          {look.kernels.map(({ place, name, booted }) => (
            <li key={`${place} ${name}`}>
              <span className="mono el" title={name}>
                {name}
              </span>
              {booted ? <Tag tone="green">boots</Tag> : <span className="f3 xs">{places[place]}</span>}
            </li>
          ))}
        </ul>
      )}
      {isOff(guest) &&
        wrong.map(({ title, verdict, fact, advice }) => (
          <Note key={title} tone={verdict === 'fail' ? 'red' : 'amber'}>
            <b>
              {title}: {fact}.
            </b>{' '}
            {advice}
          </Note>
        ))}
      {mendRefusal(guest, host) === undefined && (
        <Button
          size="xs"
          icon="check"
          onClick={() => showDialog({ kind: 'mend', hostId: guest.hostId, source: { guestId: guest.id } })}
        >
          Check its disks and console
        </Button>
      )}
    </>
  )
}
