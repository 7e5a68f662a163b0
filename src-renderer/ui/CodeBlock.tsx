import { type CSSProperties, memo, useState } from 'react'
import { IconButton } from './Button'
import { shellTokens } from './shell-tokens'

type CodeBlockProps = {
  /** Accessible name, such as `Commands of this job`. */
  label: string
  text: string
  /** Colours of POSIX shell; plain text otherwise. */
  shell?: boolean
  lineNumbers?: boolean
  /** Pixels; scrolls beyond. */
  maxHeight?: number
  copy?: boolean
}

/** What a shell runs or printed, as text, with a button that copies all of it. */
export const CodeBlock = memo(function CodeBlock(props: CodeBlockProps) {
  const { label, text, shell = true, lineNumbers = true, maxHeight, copy = true } = props
  const lines = text.replace(/\n$/, '').split('\n')
  const style = {
    '--lno-w': `${String(lines.length).length}ch`,
    ...(maxHeight ? { '--code-h': `${maxHeight}px` } : {}),
  } as CSSProperties
  return (
    <section className="code" style={style} aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
          <div key={index}>
            {lineNumbers && <span className="lno">{index + 1}</span>}
            {shell
              ? shellTokens(line).map((token, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place
                  <span key={at} className={token.kind || undefined}>
                    {token.text}
                  </span>
                ))
              : line}
          </div>
        ))}
      </pre>
      {copy && <CopyButton text={text} label="Copy" />}
    </section>
  )
})

/** Copies the text and says so. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <IconButton
      className="copy"
      icon={copied ? 'check' : 'copy'}
      iconSize="s"
      label={copied ? 'Copied' : label}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
      onBlur={() => setCopied(false)}
    />
  )
}
