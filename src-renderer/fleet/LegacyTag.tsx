import type { HostSettings } from '../../src-shared/models/host'
import { Icon, Tag } from '../ui'

const words = 'This host is allowed old SSH algorithms (SHA-1, CBC), which can be broken.'

/** Warns wherever a host is headed that is allowed old algorithms; `small` for a row. */
export function LegacyTag({ settings, small }: { settings: HostSettings; small?: boolean }) {
  if (!settings.legacyAlgorithms) return null
  if (small)
    return (
      <span className="amber" role="img" aria-label="legacy SSH" title={words}>
        <Icon name="shield" size="xs" />
      </span>
    )
  return (
    <span title={words}>
      <Tag tone="amber">legacy SSH</Tag>
    </span>
  )
}
