import { Select as Base } from '@base-ui/react/select'
import type { ReactNode } from 'react'
import { Icon, type IconName } from './Icon'

export type SelectOption<Value extends string> = {
  value: Value
  label: string
  more?: string | undefined
  tag?: string | undefined
}

type SelectProps<Value extends string> = {
  /** Accessible name; a visible label stands in the form's own row. */
  label: string
  value: Value
  options: readonly SelectOption<Value>[]
  onChange(value: Value): void
  icon?: IconName
  /** Two lines: the label, and `more` below it. */
  tall?: boolean
  disabled?: boolean
}

/** One of many, chosen from a list. */
export function Select<Value extends string>({
  label,
  value,
  options,
  onChange,
  icon,
  tall,
  disabled = false,
}: SelectProps<Value>) {
  const chosen = options.find((option) => option.value === value)
  return (
    <Base.Root value={value} onValueChange={(next) => next !== null && onChange(next as Value)} disabled={disabled}>
      <Base.Trigger className={tall ? 'pick' : 'pick one'} aria-label={label}>
        {icon && <Icon name={icon} />}
        <span className="p1">
          <OptionText option={chosen} tall={tall} />
        </span>
        {chosen?.tag && <span className="tag">{chosen.tag}</span>}
        <Icon name="chevron-down" size="xs" />
      </Base.Trigger>
      <Base.Portal role="region" aria-label="Choices">
        <Base.Positioner className="menu-pos" sideOffset={4} alignItemWithTrigger={false}>
          <Base.Popup className="menu">
            {options.map((option) => (
              <Base.Item key={option.value} value={option.value} className="mi opt">
                <span className="p1">
                  <Base.ItemText>{option.label}</Base.ItemText>
                  {option.more && <span className="f3">{option.more}</span>}
                </span>
                <Base.ItemIndicator>
                  <Icon name="check" size="s" />
                </Base.ItemIndicator>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

function OptionText({ option, tall }: { option: SelectOption<string> | undefined; tall: boolean | undefined }): ReactNode {
  if (!option) return <span className="f3">Nothing to choose from</span>
  if (tall)
    return (
      <>
        <span>{option.label}</span>
        {option.more && <span className="f3">{option.more}</span>}
      </>
    )
  return (
    <span className="el">
      {option.label}
      {option.more && <span className="f3"> - {option.more}</span>}
    </span>
  )
}
