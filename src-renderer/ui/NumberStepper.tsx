import { NumberField } from '@base-ui/react/number-field'
import type { CSSProperties } from 'react'
import { Icon } from './Icon'

type NumberStepperProps = {
  /** Accessible name; a visible label stands in the form's own row. */
  label: string
  value: number
  onChange(value: number): void
  min?: number
  max?: number
  step?: number
  unit?: string
  /** Pixels. */
  width?: number
  invalid?: boolean
  /** Keeps a number out of range that somebody typed, for a form that says why it is wrong; put right in silence otherwise. */
  keepsTyped?: boolean
  disabled?: boolean
}

const plain: Intl.NumberFormatOptions = { useGrouping: false }

/** A number with a minus and a plus; typing works too, and arrows step. */
export function NumberStepper({
  label,
  value,
  onChange,
  min,
  max,
  step = 1,
  unit,
  width = 108,
  invalid,
  keepsTyped = false,
  disabled,
}: NumberStepperProps) {
  const style = { width, '--digits': `${Math.max(2, String(value).length) + 1}ch` } as CSSProperties
  return (
    <NumberField.Root
      value={value}
      onValueChange={(next) => next !== null && onChange(next)}
      {...(min === undefined ? {} : { min })}
      {...(max === undefined ? {} : { max })}
      step={step}
      snapOnStep={step > 1}
      allowOutOfRange={keepsTyped}
      format={plain}
      disabled={disabled}
    >
      <NumberField.Group className={['stp', unit ? 'unit' : '', invalid ? 'bad' : ''].filter(Boolean).join(' ')} style={style}>
        <NumberField.Decrement className="ib s" aria-label={`Less: ${label}`}>
          <Icon name="minus" size="xs" />
        </NumberField.Decrement>
        <span className="val">
          <NumberField.Input aria-label={unit ? `${label}, ${unit}` : label} aria-invalid={invalid ? true : undefined} />
          {unit && <i>{unit}</i>}
        </span>
        <NumberField.Increment className="ib s" aria-label={`More: ${label}`}>
          <Icon name="add" size="xs" />
        </NumberField.Increment>
      </NumberField.Group>
    </NumberField.Root>
  )
}
