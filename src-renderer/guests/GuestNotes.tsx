import { type FormEvent, useEffect, useState } from 'react'
import { type Guest, guestNameSchema, noteSchema, tagsSchema, uuidSchema } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { useCall } from '../api/use-call'
import { startOperation } from '../jobs/actions'
import { Button, LinkButton, ProblemNote, Tag, TextInput } from '../ui'

type GuestNotesProps = { guest: Guest; host: Host }

/** Tags and note of a guest: what people want to know about it, kept on its host for all of them. */
export function GuestNotes({ guest, host }: GuestNotesProps) {
  const [editing, setEditing] = useState(false)
  const tags = guest.tags ?? []
  const why = cannotDescribe(guest, host)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another guest is another text
  useEffect(() => setEditing(false), [guest.hostId, guest.id])
  return (
    <section className="sec" aria-label="Notes">
      <h3>
        Notes
        <span className="sp" />
        {!editing && (
          <LinkButton className="beside" disabled={why !== undefined} title={why} onClick={() => setEditing(true)}>
            {tags.length > 0 || guest.note ? 'Edit' : 'Add'}
          </LinkButton>
        )}
      </h3>
      {editing ? (
        <NotesForm guest={guest} onClose={() => setEditing(false)} />
      ) : (
        <>
          {tags.length > 0 && <Tags tags={tags} />}
          {guest.note && <p className="gnote">{guest.note}</p>}
          {tags.length === 0 && !guest.note && <p className="f3">{why ?? 'No tags and no note.'}</p>}
        </>
      )}
    </section>
  )
}

/** Tags in a row. */
export function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <p className="gtags">
      {tags.map((tag) => (
        <Tag key={tag}>{tag}</Tag>
      ))}
    </p>
  )
}

function cannotDescribe(guest: Guest, host: Host): string | undefined {
  if (host.connection.phase !== 'ready') return 'The host is not connected.'
  const isOurs = guest.origin !== undefined || guest.adopted === true
  const isNamed = uuidSchema.safeParse(guest.id).success && guestNameSchema.safeParse(guest.name).success
  return isOurs && isNamed ? undefined : 'Others made it. Adopt it first to keep notes about it.'
}

function NotesForm({ guest, onClose }: { guest: Guest; onClose(): void }) {
  const [tags, setTags] = useState((guest.tags ?? []).join(' '))
  const [note, setNote] = useState(guest.note ?? '')
  const call = useCall()
  const readTags = tagsSchema.safeParse([...new Set(tags.split(/[\s,]+/).filter(Boolean))])
  const readNote = noteSchema.safeParse(note.replaceAll(/\r\n?/g, '\n'))
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (!readTags.success || !readNote.success || call.busy) return
    const input = { name: guest.name, uuid: guest.id, tags: readTags.data, note: readNote.data }
    if (await call.run(() => startOperation(guest.hostId, { operation: 'guest.describe', input }))) onClose()
  }
  return (
    <form
      className="gnotes"
      onSubmit={(event) => void save(event)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save(event)
      }}
    >
      <TextInput
        label="Tags"
        stacked
        autoFocus
        value={tags}
        onChange={setTags}
        placeholder="prod eu-west"
        error={readTags.success ? undefined : readTags.error.issues[0]?.message}
      />
      <div className="fld-stacked">
        <label htmlFor="guest-note">Note</label>
        <textarea
          id="guest-note"
          rows={5}
          value={note}
          aria-invalid={readNote.success ? undefined : true}
          aria-describedby={readNote.success ? undefined : 'guest-note-error'}
          onChange={(event) => setNote(event.target.value)}
        />
        {!readNote.success && (
          <span id="guest-note-error" className="err" role="alert">
            {readNote.error.issues[0]?.message}
          </span>
        )}
      </div>
      {call.problem && <ProblemNote problem={call.problem} />}
      <div className="gnotes-b">
        <Button size="s" keys="Esc" onClick={onClose}>
          Cancel
        </Button>
        <Button size="s" kind="primary" submit disabled={call.busy || !readTags.success || !readNote.success}>
          Save
        </Button>
      </div>
    </form>
  )
}
