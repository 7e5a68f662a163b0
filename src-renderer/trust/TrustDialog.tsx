import './trust.css'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { TrustEntry } from '../../src-shared/models/trust'
import type { Problem } from '../../src-shared/problem'
import { usePage } from '../api/page'
import { asProblem } from '../api/problem'
import { useHost } from '../fleet/store'
import { Button, Dialog, EmptyState, LinkButton, LoadingRows, ProblemNote, Tag, TextInput } from '../ui'
import { TrustDetail } from './TrustDetail'
import { placeOf } from './words'

const idOf = ({ file, line }: TrustEntry): string => `${file}:${line}`
const nameOf = ({ speaksFor, hosts }: TrustEntry): string => speaksFor.join(', ') || hosts

/** The host keys that this workstation trusts: where each is written, and whether it is the right one. `hostId` shows those of one host first. */
export function TrustDialog({ hostId, onClose }: { hostId?: string | undefined; onClose(): void }) {
  const host = useHost(hostId ?? '')
  const [filter, setFilter] = useState(host?.settings.name ?? '')
  const [chosen, setChosen] = useState<string>()
  const { entries, problem, reload } = useTrust()
  const first = useRef<HTMLInputElement>(null)

  const wanted = filter.trim().toLowerCase()
  const shown = (entries ?? []).filter(({ hosts, speaksFor, fingerprint, file }) =>
    [hosts, ...speaksFor, fingerprint, file].some((text) => text.toLowerCase().includes(wanted)),
  )
  const entry = shown.find((one) => idOf(one) === chosen) ?? shown[0]
  return (
    <Dialog
      title="Host keys"
      width={880}
      initialFocus={first}
      onClose={onClose}
      footer={
        <>
          <span className="f2">Domdeck reads your known_hosts files and writes only its own.</span>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <div className="trust">
        <TextInput
          label="Filter"
          inputRef={first}
          icon="filter"
          value={filter}
          onChange={setFilter}
          placeholder="Host, file or fingerprint"
        />
        {problem && <ProblemNote problem={problem} action={<Button onClick={reload}>Try again</Button>} />}
        {!entries && !problem && <LoadingRows rows={4} height={28} label="Reading the host keys" />}
        {entries && shown.length === 0 && (
          <EmptyState action={wanted ? <Button onClick={() => setFilter('')}>Show all</Button> : undefined}>
            {wanted
              ? `No key of ${filter.trim()} is known here.`
              : 'No host key is known here. The first connection to a host asks for it.'}
          </EmptyState>
        )}
        {shown.length > 0 && (
          <section className="trust-list" aria-label="Known keys">
            <table className="tbl">
              <thead>
                <tr>
                  <th>Host</th>
                  <th>Key</th>
                  <th>Fingerprint</th>
                  <th>Written in</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((one) => (
                  <tr key={idOf(one)} className={one === entry ? 'on' : undefined}>
                    <td>
                      <span className="c">
                        <LinkButton className="plain el" aria-pressed={one === entry} onClick={() => setChosen(idOf(one))}>
                          {nameOf(one)}
                        </LinkButton>
                        {one.marker && <Tag tone={one.marker === 'revoked' ? 'red' : 'amber'}>{one.marker}</Tag>}
                      </span>
                    </td>
                    <td className="f2">{one.keyType.replace(/^ssh-|^ecdsa-sha2-/, '')}</td>
                    <td className="mono f2" title={one.fingerprint}>
                      {one.fingerprint}
                    </td>
                    <td className="f2" title={placeOf(one)}>
                      {placeOf(one)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
        {entry && <TrustDetail key={idOf(entry)} entry={entry} name={nameOf(entry)} onRemoved={reload} />}
      </div>
    </Dialog>
  )
}

function useTrust(): { entries: readonly TrustEntry[] | undefined; problem: Problem | undefined; reload(): void } {
  const client = usePage((state) => state.page?.client)
  const [state, setState] = useState<{ entries?: readonly TrustEntry[]; problem?: Problem }>({})
  const [reading, setReading] = useState(0)
  const reload = useCallback(() => setReading((count) => count + 1), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new count means to read again
  useEffect(() => {
    if (!client) return
    const gone = new AbortController()
    client.trust.list(undefined, { signal: gone.signal }).then(
      (entries) => setState({ entries }),
      (error: unknown) => {
        if (!gone.signal.aborted) setState({ problem: asProblem(error) })
      },
    )
    return () => gone.abort()
  }, [client, reading])
  return { entries: state.entries, problem: state.problem, reload }
}
