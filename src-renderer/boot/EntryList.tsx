import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import type { HostBoot } from '../../src-shared/models/host-boot'
import { Tag } from '../ui'
import { bootsWords } from './words'

type EntryListProps = { boot: HostBoot; selected: number | undefined; onSelect(index: number): void }

/** The entries of a boot menu by their labels, one of them chosen; with what runs, what is the default and what comes next. */
export function EntryList({ boot, selected, onSelect }: EntryListProps) {
  return (
    <RadioGroup
      className="ents"
      aria-label="Entries of the boot menu"
      value={selected === undefined ? '' : String(selected)}
      onValueChange={(value) => onSelect(Number(value))}
    >
      {boot.entries.map((entry, index) => {
        const title = entry.titles.at(-1)
        return (
          // biome-ignore lint/a11y/noLabelWithoutControl: the radio brings its own input
          <label key={entry.titles.join('\n')} className={entry.unfit === undefined ? 'ent' : 'ent off'}>
            <Radio.Root className="rd" value={String(index)} disabled={entry.unfit !== undefined}>
              <Radio.Indicator />
            </Radio.Root>
            <span className="nmin">
              <span className="ent-t">{title}</span>
              <span className="ent-d">{[...entry.titles.slice(0, -1), bootsWords(entry)].join(' › ')}</span>
            </span>
            <span className="sp" />
            {index === boot.running && <Tag tone="green">running</Tag>}
            {index === boot.byDefault && <Tag>default</Tag>}
            {index === boot.next && <Tag tone="azure">next boot</Tag>}
          </label>
        )
      })}
    </RadioGroup>
  )
}
