import type { ComponentProps, ReactNode } from 'react'
import { Icon, type IconName } from './Icon'
import { Kbd } from './Kbd'
import { Tooltip } from './Tooltip'

type ButtonProps = Omit<ComponentProps<'button'>, 'type'> & {
  /** One `primary` a surface; `danger` only in a confirm dialog. */
  kind?: 'plain' | 'primary' | 'ghost' | 'danger' | undefined
  /** 32, 28, 24 or 20 px. */
  size?: 'l' | 'm' | 's' | 'xs' | undefined
  icon?: IconName | undefined
  /** The shortcut that does the same, printed on the button. */
  keys?: string | undefined
  submit?: boolean | undefined
}

const kindClass = { plain: '', primary: 'pri', ghost: 'ghost', danger: 'danger' }

/** A button with its words. */
export function Button({ kind = 'plain', size = 'm', icon, keys, submit, className, children, ...rest }: ButtonProps) {
  const classes = ['btn', kindClass[kind], size === 'm' ? '' : size, className].filter(Boolean).join(' ')
  return (
    <button type={submit ? 'submit' : 'button'} className={classes} {...rest}>
      {icon && <Icon name={icon} size={size === 'xs' ? 'xs' : 's'} />}
      {children}
      {keys && <Kbd keys={keys} />}
    </button>
  )
}

type IconButtonProps = Omit<ComponentProps<'button'>, 'type' | 'children'> & {
  icon: IconName
  /** What it does: the accessible name and the tooltip. */
  label: string
  keys?: string | undefined
  /** 28, 24 or 20 px. */
  size?: 'm' | 's' | 'xs' | undefined
  iconSize?: 's' | 'xs' | undefined
  pressed?: boolean | undefined
}

const boxClass = { m: 'm', s: '', xs: 's' }

/** A button that is only an icon; its label is always there for readers and on hover. */
export function IconButton({ icon, label, keys, size = 's', iconSize, pressed, className, ...rest }: IconButtonProps) {
  const classes = ['ib', boxClass[size], pressed ? 'on' : '', className].filter(Boolean).join(' ')
  return (
    <Tooltip text={label} keys={keys}>
      <button
        type="button"
        className={classes}
        aria-label={label}
        {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
        {...rest}
      >
        <Icon name={icon} size={iconSize} />
      </button>
    </Tooltip>
  )
}

/** Text that acts: a link in looks, a button in kind. */
export function LinkButton({ className, children, ...rest }: Omit<ComponentProps<'button'>, 'type'> & { children: ReactNode }) {
  return (
    <button type="button" className={['lnk', className].filter(Boolean).join(' ')} {...rest}>
      {children}
    </button>
  )
}
