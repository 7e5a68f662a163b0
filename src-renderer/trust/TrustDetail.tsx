import { useState } from 'react'
import type { TrustEntry } from '../../src-shared/models/trust'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { Button, CodeBlock, ConfirmDialog, KeyValue, Note, ProblemNote } from '../ui'
import { CompareKey } from './CompareKey'
import { placeOf } from './words'

const dateWords = (iso: string): string =>
  new Date(iso).toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })

/** One key: its forms for comparing, where it is written, and how to be rid of it. */
export function TrustDetail({ entry, name, onRemoved }: { entry: TrustEntry; name: string; onRemoved(): void }) {
  const { keyType, fingerprint, md5, art, key, origin, file, line, since, hosts, removeBy, marker } = entry
  const [asking, setAsking] = useState(false)
  const call = useCall()
  const remove = async (): Promise<void> => {
    const done = await call.run(async () => {
      await currentClient().trust.remove({ line, fingerprint })
      return true
    })
    if (done) onRemoved()
  }
  return (
    <section className="trust-key" aria-label={`Key of ${name}`}>
      <pre className="mono" role="img" aria-label={`The picture of ${fingerprint}, as ssh-keygen -lv draws it`}>
        {art}
      </pre>
      <div className="trust-words">
        <KeyValue name="Written as" mono>
          <span className="wrap">{hosts}</span>
        </KeyValue>
        <KeyValue name="Key" mono>
          {keyType}
        </KeyValue>
        <KeyValue name="SHA256" mono>
          <span className="wrap">{fingerprint}</span>
        </KeyValue>
        <KeyValue name="MD5" mono>
          <span className="wrap">{md5.replace(/^MD5:/, '')}</span>
        </KeyValue>
        <KeyValue name="Where">{placeOf(entry)}</KeyValue>
        {since && <KeyValue name="Trusted">{dateWords(since)}</KeyValue>}
        <CompareKey keyType={keyType} fingerprint={fingerprint} md5={md5} publicKey={key} />
        {marker === 'revoked' && <p className="red">A host that shows this key is refused.</p>}
        {marker === 'cert-authority' && (
          <p className="f2">Domdeck cannot check host certificates: this line trusts nothing here.</p>
        )}
        {call.problem && <ProblemNote problem={call.problem} />}
        {origin === 'own' && (
          <Button icon="trash" disabled={call.busy} onClick={() => setAsking(true)}>
            Remove
          </Button>
        )}
        {removeBy && (
          <div>
            <p className="f2">Domdeck does not write this file. To remove every key of this name from it:</p>
            <CodeBlock label="Command that removes the key" text={removeBy} lineNumbers={false} />
          </div>
        )}
        {!removeBy && (origin === 'user' || origin === 'system') && (
          <Note tone="plain">
            Domdeck does not write this file. Take line {line} out of {file} with an editor.
          </Note>
        )}
      </div>
      {asking && (
        <ConfirmDialog
          title={`Remove the ${keyType} key of ${name} from Domdeck?`}
          verb="Remove"
          onConfirm={() => void remove()}
          onClose={() => setAsking(false)}
        >
          <p>
            A connection that is up stays. At the next one the host is unknown again, and you are asked to compare its key before
            anything is sent to it.
          </p>
        </ConfirmDialog>
      )}
    </section>
  )
}
