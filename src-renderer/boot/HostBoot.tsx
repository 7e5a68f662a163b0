import './boot.css'
import { useState } from 'react'
import type { Host } from '../../src-shared/models/host'
import type { HostBoot as Boot, HeldBoot } from '../../src-shared/models/host-boot'
import { useCall } from '../api/use-call'
import { showDialog } from '../frame/dialogs'
import { startOperation } from '../jobs/actions'
import { Button, EmptyState, Icon, KeyValue, LinkButton, LoadingRows, Note, ProblemNote } from '../ui'
import { momentWords } from '../ui/words'
import { EntryList } from './EntryList'
import { canBoot, useBoot } from './use-boot'
import { autoballoonWords, consoleWords, panicWords, wordOf } from './words'

/** What a host boots: the menu as GRUB shows it, which entry is the default, and how Xen and dom0 are started. */
export function HostBoot({ host }: { host: Host }) {
  const { boot, busy, problem, again } = useBoot(host)
  const [chosen, setChosen] = useState<number>()
  const hostId = host.settings.id
  const away = !canBoot(host)
  if (!boot) {
    if (problem) return <ProblemNote problem={problem} action={<Button onClick={again}>Look again</Button>} />
    if (away) return <EmptyState>What {host.settings.name} boots is read once it is connected.</EmptyState>
    return <LoadingRows rows={6} height={40} label="Reading the boot menu" />
  }
  const blocked = away || boot.held !== undefined || boot.unfit !== undefined
  const selected = chosen ?? boot.byDefault
  const entry = selected === undefined ? undefined : boot.entries[selected]
  return (
    <div className="ov">
      <div className="ov-main">
        {problem && <ProblemNote problem={problem} action={<Button onClick={again}>Look again</Button>} />}
        {boot.held && <Held host={host} held={boot.held} away={away} />}
        {!boot.held && boot.last?.outcome === 'back' && (
          <Note tone="amber">
            <b>{boot.last.entry}</b> did not prove itself and was taken back, {momentWords(boot.last.at)}. {boot.last.why}
          </Note>
        )}
        {boot.unfit !== undefined && <Note tone="amber">{boot.unfit} Nothing is changed here from Domdeck.</Note>}
        <div className="ov-h boot-h">
          <h2>Boot menu</h2>
          <span className="f3">{busy ? 'Looking' : 'GRUB default, by label'}</span>
          <span className="sp" />
          <Button
            size="s"
            icon="clock"
            disabled={blocked || entry === undefined}
            onClick={() => entry && showDialog({ kind: 'host-boot', hostId, once: entry.titles })}
          >
            Boot once
          </Button>
          <Button
            size="s"
            icon="check"
            disabled={blocked || entry?.value === undefined || selected === boot.byDefault}
            onClick={() => entry?.value !== undefined && showDialog({ kind: 'host-boot', hostId, default: entry.value })}
          >
            Make default
          </Button>
        </div>
        <EntryList boot={boot} selected={selected} onSelect={setChosen} />
        {boot.entries.length === 0 && <EmptyState>There is no boot menu that could be read.</EmptyState>}
        {boot.byDefault === undefined && boot.entries.length > 0 && (
          <Note tone="amber">The default of the menu, {boot.defaultWords}, is not in it.</Note>
        )}
      </div>
      <div className="ov-side">
        <StartCard host={host} boot={boot} blocked={blocked} />
        <section className="card">
          <h3 className="h3">Reboot</h3>
          <p className="f2">Guests are shut down in order, and started again when the host is back.</p>
          <div className="boot-acts">
            <Button size="s" icon="reboot" disabled={away} onClick={() => showDialog({ kind: 'reboot-host', hostId })}>
              Reboot or upgrade
            </Button>
          </div>
        </section>
      </div>
    </div>
  )
}

function StartCard({ host, boot, blocked }: { host: Host; boot: Boot; blocked: boolean }) {
  const { settings } = boot
  const memory = wordOf(boot.xenWords, 'dom0_mem')
  const will = boot.byDefault === undefined ? undefined : boot.entries[boot.byDefault]?.boots
  const memoryThen = wordOf(will?.xenWords, 'dom0_mem')
  return (
    <section className="card boot-words">
      <h3 className="h3">
        Xen and dom0
        <span className="sp" />
        <LinkButton
          className="boot-edit"
          disabled={blocked}
          onClick={() => showDialog({ kind: 'host-boot', hostId: host.settings.id })}
        >
          Edit
        </LinkButton>
      </h3>
      <KeyValue name="dom0_mem" mono>
        {memory ?? (boot.xenWords === undefined ? 'no Xen' : 'all')}
      </KeyValue>
      {will?.xen !== undefined && memoryThen !== memory && (
        <KeyValue name="Next boot" mono>
          {memoryThen ?? 'all'}
        </KeyValue>
      )}
      <KeyValue name="dom0_max_vcpus" mono>
        {wordOf(boot.xenWords, 'dom0_max_vcpus') ?? 'all'}
      </KeyValue>
      <KeyValue name="Autoballoon">{autoballoonWords(boot)}</KeyValue>
      <KeyValue name="Console" mono>
        {consoleWords(boot)}
      </KeyValue>
      <KeyValue name="On panic">{panicWords(boot)}</KeyValue>
      <KeyValue name="Fallback">{boot.unfit === undefined ? 'Boot from before, 1 try' : 'None'}</KeyValue>
      {Object.keys(settings).length > 0 && (
        <KeyValue name="Set in" mono>
          <span className="el" title="/etc/default/grub.d/zz-domdeck.cfg">
            grub.d/zz-domdeck.cfg
          </span>
        </KeyValue>
      )}
      <p className="f3 boot-note">
        <Icon name="clock" size="xs" /> Takes effect at next boot
      </p>
    </section>
  )
}

const heldWords: Record<HeldBoot['state'], string> = {
  armed: 'is tried at the next boot, once.',
  trying: 'runs on trial.',
  keeping: 'has proven itself, but the boot menu could not be made yet.',
}

/** A changed boot that has yet to prove itself: what comes, and how to settle it by hand. */
function Held({ host, held, away }: { host: Host; held: HeldBoot; away: boolean }) {
  const { busy, problem, run } = useCall()
  const hostId = host.settings.id
  const settle = (how: 'keep' | 'back'): void =>
    void run(() => startOperation(hostId, { operation: 'host.settle-boot', input: { how, entry: held.entry } }))
  const kept = held.once ? 'The default stays as it is.' : 'Then it is the default.'
  return (
    <section className="held" aria-label="Held boot">
      <Icon name="shield" />
      <div className="sp nmin">
        <b>
          {held.entry} {heldWords[held.state]}
        </b>
        <p className="f2">
          It has {held.minutes} minutes to answer by SSH, with xl where Xen is booted. {kept} If it does not, hangs or panics, the
          host goes back by itself to the boot from before.
        </p>
        {problem && <ProblemNote problem={problem} />}
      </div>
      <Button icon="undo" disabled={away || busy} onClick={() => settle('back')}>
        Take back
      </Button>
      {held.state === 'armed' ? (
        <Button kind="primary" disabled={away} onClick={() => showDialog({ kind: 'reboot-host', hostId })}>
          Reboot now
        </Button>
      ) : (
        <Button kind="primary" disabled={away || busy} onClick={() => settle('keep')}>
          Keep
        </Button>
      )}
    </section>
  )
}
