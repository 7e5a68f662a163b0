import type { Host } from '../../src-shared/models/host'
import { hostFace, memoryShare } from '../fleet/faces'
import { actionWords, runHostAction } from '../fleet/host-action'
import { LegacyTag } from '../fleet/LegacyTag'
import { useGenerations } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { useDock } from '../frame/dock'
import { newestGenerations } from '../guests/clone-form'
import { Bar, Button, HostGlyph, IconButton, KeyValue, Menu, Note, Tag } from '../ui'
import { clockWords, countWords, memoryWords, sizeWords, spanWords } from '../ui/words'
import { hostMenu } from './host-menu'

/** One host in short; its page tells the rest. */
export function HostInspector({ host }: { host: Host }) {
  const hostId = host.settings.id
  const face = hostFace(host)
  const generations = useGenerations(hostId)
  const { facts } = host
  const memory = memoryShare(host)
  const { action } = face
  return (
    <>
      <div className="insp-h">
        <div className="ttl">
          <HostGlyph shape={face.shape} label="" />
          <h2 className="el">{host.settings.name}</h2>
          {host.settings.simulated && <Tag tone="cyan">simulated</Tag>}
          <LegacyTag settings={host.settings} />
          <span className="sp" />
          <Menu trigger={<IconButton icon="more" iconSize="s" label="More for this host" />} entries={hostMenu(host)} />
        </div>
        <p className="under host f2">
          {face.state.charAt(0).toUpperCase() + face.state.slice(1)}
          {face.state !== face.reason && face.reason && <span className={face.tone || 'f3'}> · {face.reason}</span>}
        </p>
      </div>
      <div className="acts">
        <Button icon="server" className="w" onClick={() => useDock.getState().showHost(hostId)}>
          Open page
        </Button>
        <Button
          icon="clone"
          className="w"
          disabled={host.connection.phase !== 'ready' || generations.length === 0}
          title={generations.length === 0 ? 'This host has no base yet' : undefined}
          onClick={() => showDialog({ kind: 'clone', hostId })}
        >
          Clone &amp; boot
        </Button>
      </div>
      {(action || (host.connection.phase !== 'ready' && host.asOf !== undefined)) && (
        <div className="insp-n">
          <Note
            tone={face.tone === 'red' ? 'red' : action ? 'amber' : 'plain'}
            action={
              action && (
                <Button size="xs" onClick={() => runHostAction(hostId, host.settings.name, action)}>
                  {actionWords[action]}
                </Button>
              )
            }
          >
            {face.reason.charAt(0).toUpperCase() + face.reason.slice(1)}
            {host.asOf !== undefined && <div className="f2">Shown as of {clockWords(host.asOf)}</div>}
          </Note>
        </div>
      )}
      {facts && (
        <section className="sec">
          {memory !== undefined && (
            <KeyValue name="Memory">
              {memoryWords(facts.freeMemoryMb)} free <span className="sp" />
              <Bar share={memory} label="Memory in use" width={96} />
            </KeyValue>
          )}
          <KeyValue name="Storage">
            {sizeWords(facts.storageFreeBytes)} free <span className="sp" />
            <Bar share={1 - facts.storageFreeBytes / Math.max(1, facts.storageBytes)} label="Storage in use" width={96} />
          </KeyValue>
          <KeyValue name="Threads">{facts.threads}</KeyValue>
          <KeyValue name="Up">{spanWords(facts.upSeconds)}</KeyValue>
          <KeyValue name="Xen">{facts.xenVersion}</KeyValue>
          <KeyValue name="System">
            <span className="el" title={facts.system}>
              {facts.system}
            </span>
          </KeyValue>
        </section>
      )}
      <section className="sec">
        <h3>
          Bases
          <span className="sp" />
          {generations.length > 0 && <span className="beside">{countWords(generations.length, 'generation')}</span>}
        </h3>
        {generations.length === 0 && <p className="f3">{host.asOf === undefined ? 'Not read yet.' : 'None imported yet.'}</p>}
        {newestGenerations(generations).map((one) => (
          <KeyValue key={one.base} name={one.base}>
            generation {one.generation}
            <span className="f3">{sizeWords(one.sizeBytes)}</span>
          </KeyValue>
        ))}
      </section>
    </>
  )
}
