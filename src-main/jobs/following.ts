import { StringDecoder } from 'node:string_decoder'
import type { RemoteProcess } from '../ssh/remote-process'

/** What comes out of `start.sh` and `follow.sh`. */
export type FollowListener = {
  /** A line of the script itself, without its colon: `started`, `refused WHY`, `now SECONDS`, `status WORD`, `undo`, `dead` ... */
  said(word: string, rest: string): void
  /** A line of the job's `events`. */
  event(line: string): void
  /** Bytes of the job's `log`, in order. */
  log(chunk: Buffer): void
}

/** Reads until the process ends. Rejects as `exited` does: then nothing is known of the job but what was heard before. */
export async function readFollowing(process: RemoteProcess, listener: FollowListener): Promise<void> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  process.onStdout((chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith(':')) {
        const [word = '', text = ''] = line.slice(1).split(/ (.*)/s)
        listener.said(word, text)
      } else if (line !== '') listener.event(line)
    }
  })
  process.onStderr((chunk) => listener.log(chunk))
  await process.exited
}
