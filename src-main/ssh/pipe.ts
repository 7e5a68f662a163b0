import type { RemoteProcess } from './remote-process'

/**
 * Hands the stdout of one program to the stdin of another, perhaps on another host. Who takes too slowly holds back who gives, so that no more
 * than a few MiB of it are ever here. Their ends are left to the caller.
 */
export function pipe(
  from: Pick<RemoteProcess, 'onStdout' | 'pause' | 'resume'>,
  to: Pick<RemoteProcess, 'write' | 'onDrain'>,
): void {
  to.onDrain(() => from.resume())
  from.onStdout((chunk) => {
    if (!to.write(chunk)) from.pause()
  })
}
