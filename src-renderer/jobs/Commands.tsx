import './operation.css'
import { useState } from 'react'
import type { Host } from '../../src-shared/models/host'
import { CodeBlock, Icon } from '../ui'

/** What would run on a host, folded away at the foot of its form. */
export function Commands({ host, script, open = false }: { host: Host; script: string; open?: boolean }) {
  // A script of a thousand lines is drawn only for somebody who looks at it.
  const [shown, setShown] = useState(open)
  return (
    <details className="cmds" open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>
        <Icon name="chevron-down" size="xs" />
        <b>Commands</b>
        <span className="f2">run as root on {host.settings.name}, each logged with its exit code</span>
      </summary>
      {shown && <CodeBlock label="Commands of this job" text={script} maxHeight={168} />}
    </details>
  )
}
