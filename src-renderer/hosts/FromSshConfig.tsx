import { useEffect, useState } from 'react'
import { addressSchema } from '../../src-shared/models/host'
import type { SshConfig } from '../../src-shared/models/ssh-config'
import type { Problem } from '../../src-shared/problem'
import { usePage } from '../api/page'
import { asProblem } from '../api/problem'
import { Note, ProblemNote } from '../ui'

export type ConfigReading = { config?: SshConfig; problem?: Problem }

/** Until somebody pauses typing. */
const pauseMs = 150

/** What `~/.ssh/config` says about an address, while it is typed. */
export function useSshConfig(address: string): ConfigReading {
  const client = usePage((state) => state.page?.client)
  const [reading, setReading] = useState<ConfigReading>({})
  const parsed = addressSchema.safeParse(address)
  const wanted = parsed.success ? parsed.data : undefined
  useEffect(() => {
    if (!client || wanted === undefined) return setReading({})
    const gone = new AbortController()
    const timer = setTimeout(() => {
      client.hosts.resolveConfig({ address: wanted }, { signal: gone.signal }).then(
        (config) => setReading({ config }),
        (error: unknown) => {
          if (!gone.signal.aborted) setReading({ problem: asProblem(error) })
        },
      )
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }, [client, wanted])
  return reading
}

/** The lines of `~/.ssh/config` that count for an address, with those that Domdeck does not follow; nothing where there are none. */
export function FromSshConfig({ reading: { config, problem } }: { reading: ConfigReading }) {
  if (problem) return <ProblemNote problem={problem} />
  if (!config || config.from.length + config.notes.length === 0) return null
  return (
    <section className="from-config" aria-label="From your SSH configuration">
      {config.from.map(({ text, file, line }) => (
        <div key={`${file}:${line}`}>
          <span className="f3">
            {file}, line {line}
          </span>
          <span className="mono">{text}</span>
        </div>
      ))}
      {config.notes.map(({ text, file, line }) => (
        <Note key={`${file}:${line}`} tone="amber">
          {file}, line {line}: {text}
        </Note>
      ))}
    </section>
  )
}
