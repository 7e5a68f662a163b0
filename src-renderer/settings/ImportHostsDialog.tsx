import './settings.css'
import { type DragEvent, useMemo, useRef, useState } from 'react'
import { type ImportRow, type Inventory, maxInventoryBytes, parseInventory, planImport } from '../../src-shared/inventory'
import type { Sequence } from '../../src-shared/models/sequence'
import type { Problem } from '../../src-shared/problem'
import { ProblemError, toProblem } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { asProblem } from '../api/problem'
import { useFleet } from '../fleet/store'
import { usePreferences } from '../frame/preferences'
import { saveSequence } from '../sequences/runs'
import { Button, Dialog, Icon, Note, ProblemNote, Tag } from '../ui'
import { countWords } from '../ui/words'

const none: readonly Sequence[] = []

type Failed = { name: string; problem: Problem }

/** Takes hosts and sequences from a file or from pasted text: shows what will be added, changed and skipped before anything is. */
export function ImportHostsDialog({ text: given = '', onClose }: { text?: string | undefined; onClose(): void }) {
  const [text, setText] = useState(given)
  const [fileProblem, setFileProblem] = useState<Problem>()
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<readonly Failed[]>([])
  const [over, setOver] = useState(false)
  const hosts = useFleet((fleet) => fleet.hosts)
  const own = usePreferences((preferences) => preferences.sequences) ?? none
  const picker = useRef<HTMLInputElement>(null)
  const read = useMemo(() => readText(text), [text])
  const rows = useMemo(
    () =>
      read.inventory
        ? planImport(
            read.inventory,
            hosts.map((host) => host.settings),
            own,
          )
        : [],
    [read, hosts, own],
  )
  const wanted = rows.filter((row) => row.settings !== undefined || row.sequence !== undefined)
  const problem = fileProblem ?? (text.trim() === '' ? undefined : read.problem)

  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return
    setFileProblem(undefined)
    try {
      if (file.size > maxInventoryBytes)
        throw new ProblemError('BAD_INPUT', `${file.name} cannot be read: it has more than 1 MB.`, {
          hint: 'Choose an inventory.',
        })
      setText(await file.text())
    } catch (error) {
      setFileProblem(asProblem(error))
    }
  }
  const onDrop = (event: DragEvent): void => {
    event.preventDefault()
    setOver(false)
    const [file] = event.dataTransfer.files
    if (file) void take(file)
    else setText(event.dataTransfer.getData('text/plain'))
  }
  const start = async (): Promise<void> => {
    setBusy(true)
    const left = await importRows(wanted)
    setBusy(false)
    if (left.length === 0) onClose()
    else setFailed(left)
  }

  return (
    <Dialog
      title="Import hosts"
      width={760}
      onClose={onClose}
      footer={
        <>
          <span className="f2">{rows.length > 0 ? summary(rows) : 'Nothing is changed before you have seen what will be.'}</span>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            {failed.length > 0 ? 'Close' : 'Cancel'}
          </Button>
          <Button kind="primary" disabled={busy || wanted.length === 0} onClick={() => void start()}>
            {busy ? 'Importing' : `Import ${wantedWords(wanted)}`}
          </Button>
        </>
      }
    >
      <div className="dform">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: a pointer's short cut for the button in it */}
        <div
          className={over ? 'drop on' : 'drop'}
          onDragOver={(event) => {
            event.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={onDrop}
        >
          <Icon name="download" />
          <span className="sp">
            Drop a file here, or paste below: Domdeck’s JSON, an Ansible inventory in INI, or what{' '}
            <code>ansible-inventory --list</code> prints.
          </span>
          <Button size="s" onClick={() => picker.current?.click()}>
            Choose a file
          </Button>
          <input
            ref={picker}
            type="file"
            hidden
            aria-label="Inventory file"
            accept=".json,.ini,.txt,.cfg,application/json,text/plain"
            onChange={(event) => {
              void take(event.target.files?.[0])
              event.target.value = ''
            }}
          />
        </div>
        <textarea
          className="set-x"
          aria-label="Inventory"
          spellCheck={false}
          rows={rows.length > 0 ? 4 : 10}
          placeholder={'[bruges]\ndom0-bru1 ansible_host=192.0.2.17 ansible_user=root'}
          value={text}
          onChange={(event) => {
            setFileProblem(undefined)
            setText(event.target.value)
          }}
        />
        {problem && <ProblemNote problem={problem} />}
        {read.inventory?.notes.map((note) => (
          <Note key={note} tone="amber">
            {note}
          </Note>
        ))}
        {failed.map(({ name, problem: why }) => (
          <ProblemNote key={name} problem={{ ...why, title: `${name}: ${why.title}` }} />
        ))}
        {rows.length > 0 && <Preview rows={rows} />}
      </div>
    </Dialog>
  )
}

const verdicts = {
  add: { word: 'add', tone: 'green' },
  change: { word: 'change', tone: 'azure' },
  same: { word: 'skip', tone: undefined },
  refuse: { word: 'refused', tone: 'red' },
} as const

function Preview({ rows }: { rows: readonly ImportRow[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="set-i" aria-label="What will be done" tabIndex={0}>
      <table className="tbl">
        <thead>
          <tr>
            <th>Name</th>
            <th>Login, or what it is</th>
            <th>Site</th>
            <th>What is done</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, where, site, verdict, words }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: refused hosts may have one name
            <tr key={`${index} ${name}`} data-verdict={verdict}>
              <td title={name}>{name}</td>
              <td className="mono" title={where}>
                {where}
              </td>
              <td title={site}>{site}</td>
              <td className="wrap">
                <Tag tone={verdicts[verdict].tone}>{verdicts[verdict].word}</Tag> {words}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function summary(rows: readonly ImportRow[]): string {
  const count = (verdict: ImportRow['verdict']): number => rows.filter((row) => row.verdict === verdict).length
  return [`${count('add')} to add`, `${count('change')} to change`, `${count('same')} known`, `${count('refuse')} refused`].join(
    ', ',
  )
}

function readText(text: string): { inventory?: Inventory; problem?: Problem } {
  try {
    return { inventory: parseInventory(text) }
  } catch (error) {
    return { problem: toProblem(error) }
  }
}

function wantedWords(rows: readonly ImportRow[]): string {
  const sequences = rows.filter(({ sequence }) => sequence).length
  const hosts = rows.length - sequences
  return [
    ...(hosts > 0 || sequences === 0 ? [countWords(hosts, 'host')] : []),
    ...(sequences > 0 ? [countWords(sequences, 'sequence')] : []),
  ].join(' and ')
}

/** One after another: what fails is returned by its name, and the others are taken. */
async function importRows(rows: readonly ImportRow[]): Promise<Failed[]> {
  const failed: Failed[] = []
  for (const { name, settings, sequence, hostId } of rows) {
    if (sequence) saveSequence(name, sequence)
    if (!settings) continue
    try {
      const { hosts } = currentClient()
      const host = await (hostId === undefined ? hosts.add(settings) : hosts.update({ hostId, settings }))
      // The event of a new host may still be on its way.
      useFleet.getState().apply({ type: 'host', host })
    } catch (error) {
      failed.push({ name, problem: asProblem(error) })
    }
  }
  return failed
}
