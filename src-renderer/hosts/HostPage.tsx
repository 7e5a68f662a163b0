import './hosts.css'
import { Tabs } from '@base-ui/react/tabs'
import type { ReactNode } from 'react'
import type { Host } from '../../src-shared/models/host'
import { HostBoot } from '../boot/HostBoot'
import { hostFace } from '../fleet/faces'
import { actionWords, runHostAction } from '../fleet/host-action'
import { LegacyTag } from '../fleet/LegacyTag'
import { useGenerations, useGuests, useHost } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { useDock } from '../frame/dock'
import { HostHealth } from '../health/HostHealth'
import { useJobs } from '../jobs/store'
import { Button, HostGlyph, IconButton, Menu, Note, ProblemNote, Tag } from '../ui'
import { clockWords, memoryWords, spanWords, systemWords } from '../ui/words'
import { HostGuests } from './HostGuests'
import { HostImages } from './HostImages'
import { HostJobs } from './HostJobs'
import { HostOverview } from './HostOverview'
import { hostMenu } from './host-menu'
import { whereOf } from './where'

/** The page of one host. */
export function HostPage({ hostId }: { hostId: string }) {
  const host = useHost(hostId)
  const guests = useGuests(hostId)
  const generations = useGenerations(hostId)
  const jobs = useJobs((state) => state.jobs).filter((job) => job.hostId === hostId).length
  const part = useDock((dock) => dock.hostTab.get(hostId) ?? 'overview')
  const setPart = useDock((dock) => dock.setHostTab)
  if (!host) return <div className="page-none">This host is no longer on the list.</div>

  const face = hostFace(host)
  const ready = host.connection.phase === 'ready'
  const { facts } = host
  // What moves by itself is left out while nobody can say it.
  const words = facts
    ? [
        `Xen ${facts.xenVersion}`,
        systemWords(facts.system),
        `${facts.threads} threads`,
        `${memoryWords(facts.memoryMb)}${ready ? `, ${memoryWords(facts.freeMemoryMb)} free` : ''}`,
        ...(ready ? [`up ${spanWords(facts.upSeconds)}`] : []),
        ...(ready && host.latencyMs !== undefined ? [`ssh ${Math.round(host.latencyMs)} ms`] : []),
      ]
    : [whereOf(host.settings)]
  return (
    <div className="host-page">
      <header className="hh">
        <h1>
          <HostGlyph shape={face.shape} label={face.state} />
          <span className="el" title={host.settings.name}>
            {host.settings.name}
          </span>
          {host.settings.simulated && <Tag tone="cyan">simulated</Tag>}
          <LegacyTag settings={host.settings} />
        </h1>
        <p title={words.join(' · ')}>
          {words.map((word) => (
            <span key={word}>{word}</span>
          ))}
        </p>
        <Button
          kind="primary"
          icon="clone"
          disabled={!ready || generations.length === 0}
          title={generations.length === 0 ? 'This host has no base yet' : undefined}
          onClick={() => showDialog({ kind: 'clone', hostId })}
        >
          Clone &amp; boot
        </Button>
        <Menu
          trigger={<IconButton className="boxed" size="m" icon="more" iconSize="s" label="More for this host" />}
          entries={hostMenu(host)}
        />
      </header>
      <Tabs.Root className="host-tabs" value={part} onValueChange={(value) => setPart(hostId, String(value))}>
        <Tabs.List className="ht" aria-label={`Parts of ${host.settings.name}`}>
          <Tab value="overview">Overview</Tab>
          <Tab value="guests" count={guests.length}>
            Guests
          </Tab>
          <Tab value="images" count={generations.length}>
            Images
          </Tab>
          <Tab value="boot">Boot</Tab>
          <Tab value="health">Health</Tab>
          <Tab value="jobs" count={jobs}>
            Jobs
          </Tab>
        </Tabs.List>
        <AwayNote host={host} />
        <Tabs.Panel value="overview" className="hb">
          <HostOverview host={host} guests={guests} generations={generations} />
        </Tabs.Panel>
        <Tabs.Panel value="guests" className="hb">
          <HostGuests host={host} guests={guests} />
        </Tabs.Panel>
        <Tabs.Panel value="images" className="hb">
          <HostImages host={host} generations={generations} guests={guests} />
        </Tabs.Panel>
        <Tabs.Panel value="boot" className="hb">
          <HostBoot host={host} />
        </Tabs.Panel>
        <Tabs.Panel value="health" className="hb">
          <HostHealth host={host} />
        </Tabs.Panel>
        <Tabs.Panel value="jobs" className="hb">
          <HostJobs host={host} />
        </Tabs.Panel>
      </Tabs.Root>
    </div>
  )
}

/** Why the host is not there, what helps, and how old is what it said; nothing while it is there, or comes for the first time. */
function AwayNote({ host }: { host: Host }) {
  const { connection, asOf } = host
  const { id, name } = host.settings
  const { action } = hostFace(host)
  if (connection.phase === 'ready' || (!action && asOf === undefined)) return null
  const age = asOf === undefined ? undefined : `Shown as of ${clockWords(asOf)}.`
  const button = action && <Button onClick={() => runHostAction(id, name, action)}>{actionWords[action]}</Button>
  if (connection.phase === 'blocked' || connection.phase === 'waiting') {
    return (
      <div className="ht-note">
        <ProblemNote problem={connection.problem} action={button} />
        {age && <p className="f3">{age}</p>}
      </div>
    )
  }
  const words =
    connection.phase === 'asking'
      ? `${name} needs an answer: ${connection.question.title}.`
      : action
        ? `${name} is not connected.`
        : `${name} is being connected.`
  return (
    <div className="ht-note">
      <Note tone="plain" action={button}>
        {words} {age}
      </Note>
    </div>
  )
}

function Tab({ value, count, children }: { value: string; count?: number; children: ReactNode }) {
  return (
    <Tabs.Tab value={value} className="ht-t">
      {children}
      {count !== undefined && <i>{count}</i>}
    </Tabs.Tab>
  )
}
