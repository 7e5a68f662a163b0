import { useCallback, useEffect, useState } from 'react'
import type { Leftover } from '../../src-shared/models/leftover'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { useHost } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { Button, Checkbox, Dialog, EmptyState, LoadingRows, ProblemNote } from '../ui'
import { countWords, sizeWords } from '../ui/words'

const kindWords: Record<Leftover['kind'], string> = {
  file: 'Files',
  loop: 'Loop device',
  mount: 'Mount',
  dm: 'Device-mapper node',
  link: 'Link',
}
const keyOf = ({ kind, name }: Leftover): string => `${kind} ${name}`

/** What Domdeck left on a host that belongs to nothing any more, and the job that removes what is chosen of it. */
export function CleanDialog({ hostId, onClose }: { hostId: string; onClose(): void }) {
  const host = useHost(hostId)
  const [found, setFound] = useState<readonly Leftover[]>()
  const [spared, setSpared] = useState<ReadonlySet<string>>(new Set())
  const { run: look, ...looking } = useCall()
  const start = useCall()
  const again = useCallback(
    () => void look(async () => setFound(await currentClient().hosts.leftovers({ hostId }))),
    [look, hostId],
  )
  useEffect(again, [again])
  const chosen = (found ?? []).filter((one) => !spared.has(keyOf(one)))
  const spare = (one: Leftover, keep: boolean): void =>
    setSpared((before) => {
      const after = new Set(before)
      if (keep) after.add(keyOf(one))
      else after.delete(keyOf(one))
      return after
    })
  const submit = async (): Promise<void> => {
    const items = chosen.map(({ kind, name }) => ({ kind, name }))
    if (await start.run(() => startOperation(hostId, { operation: 'host.clean', input: { items } }))) onClose()
  }
  return (
    <Dialog
      title={`Clean up ${host?.settings.name ?? 'a host'}`}
      width={720}
      onClose={onClose}
      footer={
        <>
          <span className="f2" role="status">
            {looking.busy ? 'Looking' : found && found.length > 0 && sumWords(chosen)}
          </span>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            {found?.length === 0 ? 'Close' : 'Cancel'}
          </Button>
          {found?.length !== 0 && (
            <Button kind="danger" disabled={chosen.length === 0 || looking.busy || start.busy} onClick={() => void submit()}>
              Remove {chosen.length > 0 && countWords(chosen.length, 'leftover')}
            </Button>
          )}
        </>
      }
    >
      <div className="dform">
        <p className="f2">
          What jobs that are over have left, and devices of Domdeck that nobody uses. No guest and no base stands on any of it;
          what is removed is gone for good. A job that was interrupted is not here: roll it back in Jobs.
        </p>
        {looking.problem && <ProblemNote problem={looking.problem} />}
        {looking.problem && <Button onClick={again}>Look again</Button>}
        {start.problem && <ProblemNote problem={start.problem} />}
        {!found && looking.busy && <LoadingRows rows={4} height={28} label="Looking for what is left over" />}
        {found?.length === 0 && <EmptyState>Nothing is left over on {host?.settings.name}.</EmptyState>}
        {found && found.length > 0 && (
          <ul className="left" aria-label="Leftovers">
            {found.map((one) => (
              <li key={keyOf(one)}>
                <Checkbox checked={!spared.has(keyOf(one))} onChange={(going) => spare(one, !going)}>
                  <span className="left-n">
                    <span className="mono">{one.name}</span>
                    <span className="f3">
                      {kindWords[one.kind]}
                      {one.bytes > 0 && `, ${sizeWords(one.bytes)}`}: {one.why}
                    </span>
                  </span>
                </Checkbox>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  )
}

function sumWords(chosen: readonly Leftover[]): string {
  const bytes = chosen.reduce((sum, one) => sum + one.bytes, 0)
  return bytes > 0 ? `Frees ${sizeWords(bytes)}` : ''
}
