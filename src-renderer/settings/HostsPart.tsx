import { type InventoryHost, writeInventory } from '../../src-shared/inventory'
import { writeAnsibleIni, writeAnsibleYaml } from '../../src-shared/inventory-ansible'
import { useFleet } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { useDock } from '../frame/dock'
import { usePreferences } from '../frame/preferences'
import { Button, EmptyState, IconButton, LinkButton, Menu, Tag } from '../ui'
import { download } from '../ui/download'
import { countWords } from '../ui/words'

const forms = [
  { label: 'Domdeck (JSON)', file: 'domdeck-hosts.json', type: 'application/json', write: writeInventory },
  { label: 'Ansible (INI)', file: 'hosts.ini', type: 'text/plain', write: writeAnsibleIni },
  { label: 'Ansible (YAML)', file: 'hosts.yaml', type: 'text/plain', write: writeAnsibleYaml },
] as const

/** The hosts of this workstation, and lists of them from and for elsewhere. */
export function HostsPart() {
  const hosts = useFleet((fleet) => fleet.hosts)
  const kept = hosts.filter((host) => !host.settings.simulated)
  const sequences = usePreferences((preferences) => preferences.sequences) ?? []
  const inventory = (): InventoryHost[] => kept.map(({ settings }) => settings)
  return (
    <div className="set-s">
      <section aria-labelledby="set-hosts">
        <h2 id="set-hosts">
          Hosts
          <span className="sp" />
          <Button size="s" icon="add" onClick={() => showDialog({ kind: 'add-host' })}>
            Add host
          </Button>
          <Button size="s" icon="download" onClick={() => showDialog({ kind: 'import-hosts' })}>
            Import
          </Button>
          <Menu
            trigger={
              <Button size="s" icon="copy" disabled={kept.length === 0 && sequences.length === 0}>
                Export
              </Button>
            }
            entries={forms.map(({ label, file, type, write }) => ({
              label,
              onSelect: () => download(file, type, write(inventory(), sequences)),
            }))}
          />
        </h2>
        <p className="f3">
          {countWords(kept.length, 'host')} of this workstation. An export holds no secrets: a key is the path of its file.
          Domdeck’s JSON also has your sequences, as they are written.
        </p>
        {hosts.length === 0 ? (
          <EmptyState>No hosts yet. Add one, or import an inventory.</EmptyState>
        ) : (
          <table className="tbl set-h">
            <thead>
              <tr>
                <th>Name</th>
                <th>Login</th>
                <th>Storage root</th>
                <th>
                  <span className="sr">Edit</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {hosts.map(({ settings: { id, name, user, address, port, storageRoot, simulated } }) => (
                <tr key={id}>
                  <td>
                    <span className="c">
                      <LinkButton className="el" title={name} onClick={() => useDock.getState().showHost(id)}>
                        {name}
                      </LinkButton>
                      {simulated && <Tag tone="cyan">simulated</Tag>}
                    </span>
                  </td>
                  <td className="mono" title={`${user}@${address}:${port}`}>
                    {user}@{address}
                    {port !== 22 && `:${port}`}
                  </td>
                  <td className="mono" title={storageRoot}>
                    {storageRoot}
                  </td>
                  <td className="acts-c">
                    {!simulated && (
                      <IconButton
                        icon="pencil"
                        iconSize="xs"
                        size="xs"
                        label={`Edit ${name}`}
                        onClick={() => showDialog({ kind: 'edit-host', hostId: id })}
                      />
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
  )
}
