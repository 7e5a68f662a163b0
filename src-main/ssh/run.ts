import { ProblemError } from '../../src-shared/problem'
import type { RemoteProcess } from './remote-process'

export type RunOptions = {
  /** Written whole to stdin, which is then closed; without it stdin is empty. */
  stdin?: string | Uint8Array
  /** For everything, from the call to the end of the program. No limit without it. */
  timeoutMs?: number
  signal?: AbortSignal
  /** For stdout and stderr together; 64 MiB without it. */
  maxBytes?: number
}

/** Bytes, because only the whole output can be decoded: a chunk may end inside a character. */
export type Finished = { stdout: Buffer; stderr: Buffer; exitCode: number }

const defaultMaxBytes = 64 * 1024 * 1024

/**
 * Runs a process to its end; `start` opens it and closes it when its signal aborts. Any exit code is an answer. Rejects with what `start` or the channel
 * rejects with, CONNECTION_TIMED_OUT after `timeoutMs`, UNEXPECTED_OUTPUT above `maxBytes`, and the signal's reason when
 * aborted. In those three cases the program is left, not killed (`RemoteProcess.close`): one that may hang belongs under `timeout`.
 */
export async function runToEnd(
  start: (signal: AbortSignal) => Promise<RemoteProcess>,
  name: string,
  host: string,
  options: RunOptions = {},
): Promise<Finished> {
  const { stdin, timeoutMs, signal, maxBytes = defaultMaxBytes } = options
  signal?.throwIfAborted()
  const stop = new AbortController()
  const context = { host, command: name }
  const onAbort = () => stop.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          const detail = `\`${name}\` on ${host} did not finish within ${timeoutMs / 1000} s.`
          stop.abort(new ProblemError('CONNECTION_TIMED_OUT', detail, { context }))
        }, timeoutMs)
  try {
    const process = await start(stop.signal)
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    let bytes = 0
    const keep = (chunks: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= maxBytes) chunks.push(chunk)
      else
        stop.abort(
          new ProblemError('UNEXPECTED_OUTPUT', `\`${name}\` on ${host} printed more than ${maxBytes} bytes.`, { context }),
        )
    }
    process.onStdout(keep(stdout))
    process.onStderr(keep(stderr))
    if (stdin !== undefined) process.write(stdin)
    process.end()
    const { exitCode } = await process.exited
    return { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), exitCode }
  } catch (error) {
    // The process only knows that it was left; why is known here.
    throw stop.signal.aborted ? stop.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
