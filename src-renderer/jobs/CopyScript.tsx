import { useState } from 'react'
import type { OperationCall } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { Button } from '../ui'

/** Copies what a call would run, with the job library before it: it runs by hand on dom0 as root. */
export function CopyScript({ hostId, call }: { hostId: string; call: OperationCall }) {
  const { busy, problem, run } = useCall()
  const [copied, setCopied] = useState(false)
  const copy = (): Promise<boolean | undefined> =>
    run(async () => {
      const { standalone } = await currentClient().jobs.preview({ hostId, call })
      await navigator.clipboard.writeText(standalone)
      return true
    })
  return (
    <Button
      icon={copied ? 'check' : 'code'}
      disabled={busy}
      title={problem?.detail}
      onClick={() => void copy().then((done) => setCopied(done === true))}
      onBlur={() => setCopied(false)}
    >
      {copied ? 'Copied' : problem ? 'Not copied' : 'Copy as script'}
    </Button>
  )
}
