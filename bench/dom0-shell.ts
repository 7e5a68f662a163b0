import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** One bash on the lab's dom0, not through Domdeck, whose clock can be compared to ours. */
export type Dom0Shell = {
  /** Runs a command line; throws unless it exits with 0. */
  run(command: string): Promise<void>
  /** How far dom0's clock is ahead of ours, to half the shortest of ten round trips. */
  clockAheadMs(): Promise<number>
  /** Runs a command line, and resolves to the time on dom0's clock when xenstore told that a domain had gone. */
  whenReleased(command: string): Promise<number>
  close(): void
}

/** Opens the shell by the lab's own script. */
export async function openDom0Shell(): Promise<Dom0Shell> {
  const ssh = spawn(join(import.meta.dirname, '../lab/ssh'), ['bash'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<never>((_, reject) => ssh.once('exit', () => reject(new Error('The shell on dom0 ended.'))))
  ended.catch(() => undefined)
  const answers: ((answer: string) => void)[] = []
  let onRelease: (ms: number) => void = () => undefined
  createInterface({ input: ssh.stdout }).on('line', (line) => {
    const [kind, value = ''] = line.split(' ')
    if (kind === 'answer') answers.shift()?.(value)
    else if (kind === 'released') onRelease(Number(value) * 1000)
  })
  const ask = (command: string): Promise<string> => {
    const answer = new Promise<string>((resolve) => answers.push(resolve))
    ssh.stdin.write(`${command}\n`)
    return Promise.race([answer, ended])
  }
  const run = async (command: string): Promise<void> => {
    const exitCode = await ask(`{ ${command}; } </dev/null >&2; echo "answer $?"`)
    if (exitCode !== '0') throw new Error(`On dom0, ${command} ended with ${exitCode}.`)
  }
  // EPOCHREALTIME costs no fork, which under emulation takes longer than what is measured.
  ssh.stdin.write('xenstore-watch @releaseDomain | while read -r _; do echo "released $EPOCHREALTIME"; done &\n')
  await run('true')
  return {
    run,
    async clockAheadMs() {
      let shortest = Number.POSITIVE_INFINITY
      let ahead = 0
      for (let round = 0; round < 10; round++) {
        const before = Date.now()
        const there = Number(await ask('echo "answer $EPOCHREALTIME"')) * 1000
        const after = Date.now()
        if (after - before >= shortest) continue
        shortest = after - before
        ahead = there - (before + after) / 2
      }
      return ahead
    },
    async whenReleased(command) {
      const released = new Promise<number>((resolve) => {
        onRelease = resolve
      })
      await run(command)
      return Promise.race([released, ended])
    },
    close: () => ssh.stdin.end('kill %1\n'),
  }
}
