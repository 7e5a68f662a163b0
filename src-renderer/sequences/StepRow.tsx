import type { SequenceStep } from '../../src-shared/models/sequence'
import { Checkbox, IconButton, NumberStepper, TextInput } from '../ui'

type Props = {
  step: SequenceStep
  /** From 1. */
  number: number
  last: boolean
  error: string | undefined
  onChange(step: SequenceStep): void
  onMove(by: 1 | -1): void
  onRemove(): void
}

/** One step of a sequence in its form. */
export function StepRow({ step, number, last, error, onChange, onMove, onRemove }: Props) {
  return (
    <li className="seq-step" aria-label={`Step ${number}`}>
      <div className="seq-what">
        {step.do === 'wait' && <Wait step={step} number={number} error={error} onChange={onChange} />}
        {step.do === 'send' && (
          <TextInput
            stacked
            mono
            label={`Step ${number}: send`}
            value={step.text}
            error={error}
            onChange={(text) => onChange({ ...step, text })}
          />
        )}
        {step.do === 'quiet' && (
          <>
            <span className="lbl">Step {number}: wait until it is quiet</span>
            <div className="ln">
              <span className="fl">for</span>
              <Seconds label={`Quiet of step ${number}`} value={step.forS} onChange={(forS) => onChange({ ...step, forS })} />
              <span className="fl">within</span>
              <Seconds
                label={`Limit of step ${number}`}
                value={step.withinS}
                onChange={(withinS) => onChange({ ...step, withinS })}
              />
            </div>
            {error && (
              <span className="err" role="alert">
                {error}
              </span>
            )}
          </>
        )}
      </div>
      <IconButton icon="chevron-up" label={`Move step ${number} up`} disabled={number === 1} onClick={() => onMove(-1)} />
      <IconButton icon="chevron-down" label={`Move step ${number} down`} disabled={last} onClick={() => onMove(1)} />
      <IconButton icon="trash" label={`Remove step ${number}`} onClick={onRemove} />
    </li>
  )
}

type WaitStep = Extract<SequenceStep, { do: 'wait' }>

function Wait({ step, number, error, onChange }: { step: WaitStep } & Pick<Props, 'number' | 'error' | 'onChange'>) {
  const { unless: _unless, result: _result, ...rest } = step
  const set = (part: { unless?: string | undefined; result?: string | undefined }): void => {
    const { unless = '', result = '' } = { unless: step.unless, result: step.result, ...part }
    onChange({ ...rest, ...(unless ? { unless } : {}), ...(result ? { result } : {}) })
  }
  return (
    <>
      <TextInput
        stacked
        mono
        label={`Step ${number}: wait for`}
        value={step.text}
        error={error}
        onChange={(text) => onChange({ ...step, text })}
      />
      <div className="ln">
        <span className="fl">within</span>
        <Seconds label={`Limit of step ${number}`} value={step.withinS} onChange={(withinS) => onChange({ ...step, withinS })} />
        <Checkbox checked={step.regex} onChange={(regex) => onChange({ ...step, regex })}>
          Regular expression
        </Checkbox>
        <Checkbox checked={step.enter === true} onChange={(enter) => onChange({ ...step, enter })}>
          Press Enter meanwhile
        </Checkbox>
      </div>
      <div className="seq-more">
        <TextInput
          stacked
          mono
          label={`Fail step ${number} at`}
          value={step.unless ?? ''}
          onChange={(unless) => set({ unless })}
        />
        <TextInput
          stacked
          mono
          label={`Keep the group of step ${number} as`}
          value={step.result ?? ''}
          onChange={(result) => set({ result })}
        />
      </div>
    </>
  )
}

function Seconds({ label, value, onChange }: { label: string; value: number; onChange(value: number): void }) {
  return <NumberStepper label={label} unit="s" value={value} min={1} max={3600} width={104} keepsTyped onChange={onChange} />
}
