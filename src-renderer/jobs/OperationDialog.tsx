import './operation.css'
import { type ReactNode, type RefObject, useId } from 'react'
import type { Check } from '../../src-shared/models/check'
import type { Host } from '../../src-shared/models/host'
import type { OperationCall } from '../../src-shared/operations'
import { Button, Dialog, HostGlyph, Tag } from '../ui'
import { Commands } from './Commands'
import { CopyScript } from './CopyScript'
import { WaitNote } from './WaitNote'

type OperationDialogProps = {
  title: string
  host: Host
  /** Left in the foot: what happens to what is there already, or if it fails. */
  promise: string
  /** On the one solid button. */
  verb: string
  /** What would run, as planned; undefined while there is no plan. */
  planned: { call: OperationCall; script: string; checks: readonly Check[] } | undefined
  /** Set while the plan does not stand for what the form says. */
  stale: boolean
  busy: boolean
  /** The form at the left and the checks at the right. */
  form: ReactNode
  aside: ReactNode
  commandsOpen?: boolean
  initialFocus?: RefObject<HTMLElement | null>
  onStart(): Promise<void>
  onClose(): void
}

/** A form for an operation, with its checks and the exact commands in sight before anything is written. */
export function OperationDialog(props: OperationDialogProps) {
  const { title, host, planned, initialFocus, onStart, onClose } = props
  const blocked = props.stale || props.busy || !planned || planned.checks.some((check) => check.verdict === 'fail')
  const form = useId()
  return (
    <Dialog
      title={title}
      beside={
        <>
          <span className="f2">on</span>
          <HostGlyph shape={host.connection.phase === 'ready' ? 'connected' : 'offline'} label="" />
          <b>{host.settings.name}</b>
          {host.settings.simulated && <Tag tone="cyan">simulated</Tag>}
        </>
      }
      width={912}
      {...(initialFocus ? { initialFocus } : {})}
      onClose={onClose}
      footer={
        <>
          <span className="f2">{props.promise}</span>
          <span className="sp" />
          {planned && <CopyScript hostId={host.settings.id} call={planned.call} />}
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form={form} disabled={blocked}>
            {props.verb}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="db"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!blocked) void onStart()
        }}
      >
        <div className="form">{props.form}</div>
        <div className="pre">
          {planned && <WaitNote hostId={host.settings.id} call={planned.call} />}
          {props.aside}
        </div>
      </form>
      {planned && <Commands host={host} script={planned.script} open={props.commandsOpen ?? false} />}
    </Dialog>
  )
}
