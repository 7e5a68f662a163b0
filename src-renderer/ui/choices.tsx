import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox'
import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import { Switch as BaseSwitch } from '@base-ui/react/switch'
import type { ReactNode } from 'react'
import { Icon } from './Icon'

type SegmentedProps<Value extends string> = {
  /** Accessible name of the group. */
  label: string
  value: Value
  options: readonly { value: Value; label: ReactNode; disabled?: boolean; title?: string | undefined }[]
  onChange(value: Value): void
  size?: 'm' | 's'
}

/** One of a few, all in sight. Arrows move. */
export function Segmented<Value extends string>({ label, value, options, onChange, size = 'm' }: SegmentedProps<Value>) {
  return (
    <RadioGroup
      aria-label={label}
      className={size === 's' ? 'seg s' : 'seg'}
      value={value}
      onValueChange={(next) => onChange(next as Value)}
    >
      {options.map((option) => (
        <Radio.Root key={option.value} value={option.value} disabled={option.disabled ?? false} title={option.title}>
          {option.label}
        </Radio.Root>
      ))}
    </RadioGroup>
  )
}

type OnOffProps = { checked: boolean; onChange(checked: boolean): void; children: ReactNode; disabled?: boolean }

/** Acts at once. */
export function Switch({ checked, onChange, children, disabled = false }: OnOffProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the switch brings its own input
    <label className="chk">
      <BaseSwitch.Root className="tg" checked={checked} onCheckedChange={onChange} disabled={disabled} />
      {children}
    </label>
  )
}

/** Part of a form that acts when it is sent. */
export function Checkbox({ checked, onChange, children, disabled = false }: OnOffProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the box brings its own input
    <label className="chk">
      <BaseCheckbox.Root className="cb" checked={checked} onCheckedChange={onChange} disabled={disabled}>
        <BaseCheckbox.Indicator>
          <Icon name="check" />
        </BaseCheckbox.Indicator>
      </BaseCheckbox.Root>
      {children}
    </label>
  )
}
