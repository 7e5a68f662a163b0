import { Component, type ReactNode } from 'react'
import { Button, CodeBlock } from '../ui'
import { reportCrash } from './crashes'

/** Shows the page, or, after a mistake in drawing it, what happened and how to go on. */
export class CrashScreen extends Component<{ children: ReactNode }, { error: Error | undefined }> {
  override state = { error: undefined as Error | undefined }

  static getDerivedStateFromError(thrown: unknown): { error: Error } {
    return { error: thrown instanceof Error ? thrown : new Error(String(thrown)) }
  }

  override componentDidCatch(thrown: unknown): void {
    if (thrown instanceof Error) reportCrash(thrown)
  }

  override render(): ReactNode {
    const { error } = this.state
    if (!error) return this.props.children
    const details = error.stack ?? `${error.name}: ${error.message}`
    return (
      <main className="crash" aria-labelledby="crash-title">
        <h1 id="crash-title">Domdeck made a mistake and cannot show this page</h1>
        <p>
          Hosts, guests and jobs are not touched by it: jobs go on, and what you have settled is kept. Reload to go on. The
          details are kept in Settings, Files, for a bug report; nothing is sent anywhere.
        </p>
        <div className="crash-b">
          <Button kind="primary" icon="reboot" onClick={() => window.location.reload()}>
            Reload
          </Button>
          <Button icon="copy" onClick={() => void navigator.clipboard.writeText(details)}>
            Copy details
          </Button>
        </div>
        <CodeBlock label="Details" text={details} shell={false} lineNumbers={false} copy={false} maxHeight={320} />
      </main>
    )
  }
}
