import { type HTMLAttributes, type KeyboardEvent, type ReactNode, type RefObject, useId, useState } from 'react'
import { IconButton } from './Button'
import { Icon, type IconName } from './Icon'

type FieldProps = {
  label: ReactNode
  /** Given where the control is not an input of its own. */
  htmlFor?: string
  help?: ReactNode
  error?: string | undefined
  errorId?: string
  children: ReactNode
}

/** A row of a form: label at the left, control at the right, and below it what is wrong or good to know. */
export function Field({ label, htmlFor, help, error, errorId, children }: FieldProps) {
  return (
    <div className="fld">
      {htmlFor ? <label htmlFor={htmlFor}>{label}</label> : <span className="lbl">{label}</span>}
      <div>
        {children}
        <More id={errorId} error={error} help={help} />
      </div>
    </div>
  )
}

/** What is wrong with a field or, where nothing is, what is good to know about it. */
function More({ id, error, help }: { id: string | undefined; error: string | undefined; help: ReactNode }) {
  if (error) {
    return (
      <span className="err" id={id} role="alert">
        {error}
      </span>
    )
  }
  return help ? (
    <div className="help" id={id}>
      {help}
    </div>
  ) : null
}

type TextInputProps = {
  label: ReactNode
  value: string
  onChange(value: string): void
  help?: ReactNode
  error?: string | undefined
  placeholder?: string
  icon?: IconName
  /** Masked, with a button that shows it. */
  secret?: boolean
  /** For what a shell would accept. */
  mono?: boolean
  /** Label above instead of beside. */
  stacked?: boolean
  disabled?: boolean
  autoFocus?: boolean
  inputMode?: HTMLAttributes<HTMLInputElement>['inputMode']
  inputRef?: RefObject<HTMLInputElement | null>
  /** After the input, inside the frame. */
  after?: ReactNode
  onBlur?(): void
  onKeyDown?(event: KeyboardEvent<HTMLInputElement>): void
}

/** A labelled line of text with its error below it, in the words of the schema that refused it. */
export function TextInput(props: TextInputProps) {
  const { label, value, onChange, help, error, placeholder, icon, mono, stacked, disabled, inputMode, inputRef, after } = props
  const id = useId()
  const [shown, setShown] = useState(false)
  const frame = (
    <div className={['field', error ? 'bad' : '', mono ? 'mono-f' : ''].filter(Boolean).join(' ')}>
      {icon && <Icon name={icon} size="s" />}
      <input
        id={id}
        type={props.secret && !shown ? 'password' : 'text'}
        ref={inputRef}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        spellCheck={false}
        // The one value that keeps a browser from offering to save it.
        autoComplete={props.secret ? 'one-time-code' : 'off'}
        autoCapitalize="off"
        placeholder={placeholder}
        disabled={disabled}
        inputMode={inputMode}
        // biome-ignore lint/a11y/noAutofocus: a dialog's first field, asked for by the dialog
        autoFocus={props.autoFocus}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || help ? `${id}-more` : undefined}
        onBlur={props.onBlur}
        onKeyDown={props.onKeyDown}
      />
      {props.secret && (
        <IconButton
          icon={shown ? 'eye-off' : 'eye'}
          iconSize="s"
          size="xs"
          label={shown ? 'Hide what is typed' : 'Show what is typed'}
          pressed={shown}
          onClick={() => setShown(!shown)}
        />
      )}
      {after}
    </div>
  )
  if (!stacked)
    return (
      <Field label={label} htmlFor={id} help={help} error={error} errorId={`${id}-more`}>
        {frame}
      </Field>
    )
  return (
    <div className="fld-stacked">
      <label htmlFor={id}>{label}</label>
      {frame}
      <More id={`${id}-more`} error={error} help={help} />
    </div>
  )
}
