import './hosts.css'
import { type RefObject, useRef } from 'react'
import type { Host } from '../../src-shared/models/host'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { LegacyTag } from '../fleet/LegacyTag'
import { useHost } from '../fleet/store'
import { reveal } from '../fleet/tree-store'
import { showDialog } from '../frame/dialogs'
import { useDock } from '../frame/dock'
import { Button, Dialog, ProblemNote, Tag } from '../ui'
import { ConnectionView } from './ConnectionView'
import { questionFormId } from './QuestionForm'
import { whereOf } from './where'

/** The connection to one host: its phases, the reason it stands still, and what one can do about it. */
export function ConnectionDialog({ hostId, onClose }: { hostId: string; onClose(): void }) {
  const host = useHost(hostId)
  const call = useCall()
  const first = useRef<HTMLButtonElement>(null)
  if (!host)
    return (
      <Dialog title="Connection" onClose={onClose}>
        <div className="ask">This host is no longer on the list.</div>
      </Dialog>
    )
  return (
    <Dialog
      title={host.settings.name}
      beside={
        <>
          <span className="f2 mono">{whereOf(host.settings)}</span>
          <LegacyTag settings={host.settings} />
          {host.settings.simulated && <Tag tone="cyan">simulated</Tag>}
        </>
      }
      width={560}
      initialFocus={first}
      onClose={onClose}
      footer={
        <>
          <Button kind="ghost" icon="trash" onClick={() => showDialog({ kind: 'forget-host', hostId })}>
            Remove host
          </Button>
          <Button kind="ghost" icon="check" onClick={() => showDialog({ kind: 'checkup', hostId })}>
            Test
          </Button>
          <Button kind="ghost" icon="key" onClick={() => showDialog({ kind: 'trust', hostId })}>
            Host keys
          </Button>
          <span className="sp" />
          <Decision host={host} first={first} busy={call.busy} run={(work) => void call.run(work)} onClose={onClose} />
        </>
      }
    >
      <div className="dform">
        <ConnectionView host={host} />
        {call.problem && <ProblemNote problem={call.problem} />}
      </div>
    </Dialog>
  )
}

/** `first` takes the focus on opening: never the button that trusts. */
type DecisionProps = {
  host: Host
  first: RefObject<HTMLButtonElement | null>
  busy: boolean
  run(work: () => Promise<unknown>): void
  onClose(): void
}

function Decision({ host, first, busy, run, onClose }: DecisionProps) {
  const { connection } = host
  const hostId = host.settings.id
  if (connection.phase === 'ready')
    return (
      <Button
        ref={first}
        kind="primary"
        onClick={() => {
          onClose()
          reveal(hostId)
          useDock.getState().showHost(hostId)
        }}
      >
        Open {host.settings.name}
      </Button>
    )
  const close = (
    <Button ref={first} keys="Esc" onClick={onClose}>
      {connection.phase === 'blocked' ? 'Cancel' : 'Close'}
    </Button>
  )
  if (connection.phase === 'blocked' && connection.problem.code === 'HOST_KEY_UNKNOWN' && connection.presentedKey) {
    const { fingerprint } = connection.presentedKey
    return (
      <>
        {close}
        <Button
          kind="primary"
          icon="key"
          disabled={busy}
          onClick={() => run(async () => currentClient().hosts.trust({ hostId, fingerprint }))}
        >
          Trust this key
        </Button>
      </>
    )
  }
  if (connection.phase === 'asking') {
    const { fields } = connection.question
    return (
      <>
        <Button
          disabled={busy}
          onClick={() => {
            run(async () => currentClient().hosts.disconnect({ hostId }))
            onClose()
          }}
        >
          Cancel the login
        </Button>
        <Button kind="primary" keys="Enter" submit form={questionFormId} {...(fields.length === 0 ? { ref: first } : {})}>
          {fields.length === 0 ? 'Go on' : 'Log in'}
        </Button>
      </>
    )
  }
  const canConnect = connection.phase === 'blocked' || connection.phase === 'waiting' || connection.phase === 'idle'
  return (
    <>
      {close}
      {canConnect && (
        <Button disabled={busy} onClick={() => run(async () => currentClient().hosts.connect({ hostId }))}>
          {connection.phase === 'idle' ? 'Connect' : 'Try again'}
        </Button>
      )}
    </>
  )
}
