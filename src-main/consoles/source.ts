import type { ConsoleStatus } from '../../src-shared/models/console'
import type { TerminalSize } from '../ssh/remote-process'

/** The other side of a console: what its bytes come from and go to. A guest's attaches by itself, and again for as long as it is not closed. */
export type ConsoleSource = {
  /** What people call the other side, for messages. */
  readonly name: string
  readonly attached: boolean
  /** Begins to attach, and to tell. Called once. */
  start(listener: SourceListener): void
  /** What is written while nothing is attached is dropped. */
  write(bytes: Uint8Array): void
  /** Holds output back where it comes from, whatever is attached meanwhile. */
  pause(): void
  resume(): void
  /** The size of the pane that writes, where the other side can be told. */
  resize?(size: TerminalSize): void
  /** Attaches anew now; `evict` is the pid of a holder that a person has decided to end. */
  retry(evict?: number): Promise<void>
  close(): void
}

/** What a source tells. */
export type SourceListener = {
  output(chunk: Uint8Array): void
  status(status: ConsoleStatus): void
  /** Nothing is attached any more; a status follows once it is known why. */
  detached(): void
}
