import type { BootPlan } from '../../src-shared/contract/boot'

const kinds: Readonly<Record<string, string>> = { '+': 'ins', '-': 'del', '@': 'at' }

/** Files as they would change: lines that go and that come, with the marks of a unified diff. */
export function Diff({ files }: { files: BootPlan['files'] }) {
  return files.map(({ path, diff }) => {
    const lines = diff.trimEnd().split('\n')
    const count = (mark: string): number => lines.filter((line) => line.startsWith(mark)).length
    return (
      <details key={path} className="dff" open={lines.length < 40}>
        <summary>
          <span className="mono el">{path}</span>
          <span className="green">+{count('+')}</span>
          <span className="red">-{count('-')}</span>
        </summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>
          {lines.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
            <span key={at} className={kinds[line.charAt(0)]}>
              {`${line}\n`}
            </span>
          ))}
        </pre>
      </details>
    )
  })
}
