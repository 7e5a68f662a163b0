import { useEffect, useState } from 'react'
import type { Host } from '../../src-shared/models/host'
import { currentClient } from '../api/page'
import { useGuests } from '../fleet/store'
import { CompareKey } from '../trust/CompareKey'
import { Glyph, Icon, KeyValue, Note, ProblemNote } from '../ui'
import { countWords } from '../ui/words'
import { connectionSteps } from './connection-steps'
import { QuestionForm } from './QuestionForm'

/** How far the connection to a host has come, and what stands in its way. */
export function ConnectionView({ host }: { host: Host }) {
  const { connection } = host
  return (
    <>
      <ConnectionPhases host={host} />
      {connection.phase === 'ready' && <Ready host={host} />}
      {connection.phase === 'waiting' && <ProblemNote problem={connection.problem} />}
      {connection.phase === 'waiting' && <NextTry until={connection.until} attempt={connection.attempt} />}
      {connection.phase === 'asking' && (
        <QuestionForm
          key={`${connection.question.id} ${connection.question.fields.length}`}
          question={connection.question}
          onAnswer={async (answers, remember) => {
            const { id: questionId } = connection.question
            const kept = remember ? { remember } : {}
            await currentClient().hosts.answer({ hostId: host.settings.id, questionId, answers, ...kept })
          }}
        />
      )}
      {connection.phase === 'blocked' && <Blocked host={host} />}
    </>
  )
}

/** The phases of a connection as a list. */
export function ConnectionPhases({ host }: { host: Host }) {
  const { connection } = host
  // A key that nobody has seen yet is a question, not a failure; and so is a password.
  const asked =
    connection.phase === 'asking' || (connection.phase === 'blocked' && connection.problem.code === 'HOST_KEY_UNKNOWN')
  return (
    <ol className="phases" aria-label={`Connection to ${host.settings.name}`}>
      {connectionSteps(connection).map((step) => (
        <li
          key={step.title}
          className={step.state === 'stopped' && asked ? 'asked' : step.state}
          aria-current={step.state === 'active' ? 'step' : undefined}
        >
          {step.state === 'done' && <Icon name="check" size="s" className="green" />}
          {step.state === 'active' && <Glyph shape="booting" label="under way" />}
          {step.state === 'stopped' && <Icon name={asked ? 'key' : 'alert'} size="s" />}
          {step.state === 'ahead' && <Glyph shape="queued" label="to come" />}
          {step.title}
        </li>
      ))}
    </ol>
  )
}

function Ready({ host }: { host: Host }) {
  const guests = useGuests(host.settings.id)
  const words = [
    host.facts && `Xen ${host.facts.xenVersion} on ${host.facts.system}`,
    host.asOf !== undefined && countWords(guests.length, 'guest'),
  ]
  return (
    <Note tone="plain" icon="check">
      <b>Connected</b>
      <div className="f2">{words.filter(Boolean).join(', ')}</div>
    </Note>
  )
}

/** When a connection that was lost is tried again. */
export function NextTry({ until, attempt }: { until: number; attempt: number }) {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.max(0, Math.ceil((until - now) / 1000))
  return (
    <p className="f2">
      Try {attempt + 1} {seconds > 0 ? `in ${seconds} s` : 'now'}
    </p>
  )
}

function Blocked({ host }: { host: Host }) {
  if (host.connection.phase !== 'blocked') return null
  const { problem, presentedKey } = host.connection
  if (problem.code === 'HOST_KEY_UNKNOWN' && presentedKey)
    return (
      <>
        <Note tone="amber" icon="key">
          <b>{capital(presentedKey.of)} shows a key that this workstation has not seen before</b>
          <div className="f2">Compare it with what the host itself prints, over a way you trust, before you go on.</div>
        </Note>
        <KeyLines algorithm={presentedKey.algorithm} fingerprint={presentedKey.fingerprint} />
        <CompareKey keyType={presentedKey.algorithm} fingerprint={presentedKey.fingerprint} />
        <p className="f3">
          On the host: <span className="mono f2">ssh-keygen -lf /etc/ssh/ssh_host_{keyFile(presentedKey.algorithm)}_key.pub</span>
        </p>
      </>
    )
  return (
    <>
      <ProblemNote problem={problem} />
      {presentedKey && <KeyLines algorithm={presentedKey.algorithm} fingerprint={presentedKey.fingerprint} />}
    </>
  )
}

/** A host key as OpenSSH prints it. */
export function KeyLines({ algorithm, fingerprint }: { algorithm: string; fingerprint: string }) {
  return (
    <div className="key-lines">
      <KeyValue name="Key" mono>
        {algorithm}
      </KeyValue>
      <KeyValue name="Fingerprint" mono>
        <span className="wrap">{fingerprint}</span>
      </KeyValue>
    </div>
  )
}

/** A jump host is named in words, and begins the sentence here. */
const capital = (words: string): string => (words.startsWith('the jump host ') ? `T${words.slice(1)}` : words)

/** The middle of sshd's file name for a key algorithm (sshd_config HostKey). */
function keyFile(algorithm: string): string {
  if (algorithm.includes('ed25519')) return 'ed25519'
  return algorithm.includes('ecdsa') ? 'ecdsa' : 'rsa'
}
