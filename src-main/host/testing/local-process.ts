import { spawn } from 'node:child_process'
import type { Argv } from '../../ssh/quote'
import type { RemoteProcess } from '../../ssh/remote-process'

/** A program of this machine with the face of one on a host; as there, `close` takes its stdin and stdout away and does not kill it. */
export function localProcess([file, ...args]: Argv, environment: NodeJS.ProcessEnv): RemoteProcess & { pid: number | undefined } {
  const child = spawn(file, args, { env: environment, detached: true, stdio: 'pipe' })
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined)
  return {
    pid: child.pid,
    onStdout: (listener) => void child.stdout.on('data', listener),
    onStderr: (listener) => void child.stderr.on('data', listener),
    write: (bytes) => child.stdin.write(bytes),
    onDrain: (listener) => void child.stdin.on('drain', listener),
    end: () => void child.stdin.end(),
    pause: () => void child.stdout.pause(),
    resume: () => void child.stdout.resume(),
    exited: new Promise((resolve) => {
      child.on('close', (code) => resolve({ exitCode: code ?? 128 }))
    }),
    close: () => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
    },
  }
}
