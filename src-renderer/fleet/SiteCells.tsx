import { showDialog } from '../frame/dialogs'
import { Icon, IconButton, Menu } from '../ui'
import { countWords } from '../ui/words'
import type { SiteSums } from './rows'
import { moveSite } from './site-actions'
import { Twist } from './Twist'

type SiteCellsProps = { site: string | undefined; sums: SiteSums; open: boolean; onTwist(): void }

/** The head of a site: its name, how many of its hosts are connected, what runs, and what is wrong. */
export function SiteCells({ site, sums, open, onTwist }: SiteCellsProps) {
  const words = sumWords(sums)
  return (
    <>
      <Twist open={open} onTwist={onTwist} />
      <span className="nm" title={`${site ?? noSite}: ${words}`}>
        {site ?? noSite}
      </span>
      <span className="sr">{words}</span>
      {site !== undefined && (
        <span className="site-more">
          <Menu
            trigger={<IconButton icon="more" size="xs" iconSize="xs" tabIndex={-1} label={`More for the site ${site}`} />}
            entries={[
              { label: 'Edit', icon: 'pencil', keys: 'Enter', onSelect: () => showDialog({ kind: 'site', site }) },
              { label: 'Move up', icon: 'chevron-up', keys: 'Alt+↑', onSelect: () => moveSite(site, -1) },
              { label: 'Move down', icon: 'chevron-down', keys: 'Alt+↓', onSelect: () => moveSite(site, 1) },
              'rule',
              { label: 'Delete', icon: 'trash', danger: true, onSelect: () => showDialog({ kind: 'delete-site', site }) },
            ]}
          />
        </span>
      )}
      <span aria-hidden="true" className="site-sums" title={words}>
        {sums.trouble > 0 && (
          <span className="red">
            <Icon name="alert" size="xs" />
            {sums.trouble}
          </span>
        )}
        {sums.connected < sums.hosts && (
          <span>
            {sums.connected}/{sums.hosts}
          </span>
        )}
        <span className="ct num">{sums.running}</span>
      </span>
    </>
  )
}

/** What heads the hosts that belong to no site. */
export const noSite = 'No site'

/** The sums of a site in words. */
export function sumWords({ hosts, connected, running, trouble }: SiteSums): string {
  if (hosts === 0) return 'empty'
  const wrong = trouble > 0 ? `, ${trouble} in trouble` : ''
  return `${connected} of ${countWords(hosts, 'host')} connected, ${countWords(running, 'guest')} running${wrong}`
}
