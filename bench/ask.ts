import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { lab } from '../e2e/lab/testing/lab'
import type { Bench } from './bench'
import { type Figure, median, seconds } from './figures'

const execute = promisify(execFile)
const commands = 20
const rounds = 5
/** What the shell finds out by itself: so the figure is that of the way to it. */
const byShell = ['eval', 'read -r up _ </proc/uptime && echo "$up"'] as const
/** What a program must be started for, which costs both ways the same. */
const byProgram = ['xenstore-read', '/local/domain/0/name'] as const
type Asked = typeof byShell | typeof byProgram

/** Small questions to a host, against what an administrator's shell loop would do. */
export const ask: Bench = {
  name: 'ask',
  title: 'twenty status commands, against ssh over a ControlMaster socket',
  async run(stage) {
    const { host } = await stage.lab()
    const master = await openMaster()
    const measure = async (argv: Asked) => {
      const asked: number[] = []
      const ran: number[] = []
      for (let round = 0; round <= rounds; round++) {
        const product = await timed(async () => {
          const { exitCode, stderr } = await host.ask(argv)
          if (exitCode !== 0) throw new Error(stderr)
        })
        const alone = await timed(() => master.run(argv))
        stage.say(`${argv[0]}: ${seconds(product)} through Domdeck, ${seconds(alone)} by ssh${round === 0 ? ' (warm-up)' : ''}`)
        if (round === 0) continue
        asked.push(product)
        ran.push(alone)
      }
      return { asked: median(asked), ran: median(ran) }
    }
    try {
      return figures(await measure(byShell), await measure(byProgram))
    } finally {
      await master.close()
    }
  },
}

type Times = { asked: number; ran: number }

function figures(shell: Times, program: Times): Figure[] {
  return [
    {
      title: 'Twenty status commands',
      measured: seconds(shell.asked),
      against: `${seconds(shell.ran)}, ssh over a ControlMaster socket`,
      value: shell.ran / shell.asked,
      unit: '×',
      target: { atLeast: 5 },
      how:
        `\`${byShell[1]}\`, one after another, ${commands} by \`Host.ask\` and ${commands} by \`ssh\` to the same dom0 in the lab. ` +
        `Median of ${rounds}, taken in turns. With a program to start, which is most of it under emulation, it is ` +
        `${(program.ran / program.asked).toFixed(1)} × (\`${byProgram.join(' ')}\`: ${seconds(program.asked)} against ${seconds(program.ran)}).`,
    },
  ]
}

/** Seconds for all commands. */
async function timed(one: () => Promise<void>): Promise<number> {
  const began = performance.now()
  for (let at = 0; at < commands; at++) await one()
  return (performance.now() - began) / 1000
}

/** A connection of OpenSSH's own, which further runs of ssh share. */
async function openMaster() {
  const folder = await mkdtemp(join(tmpdir(), 'domdeck-bench-'))
  const { port, key } = await lab.status()
  const { hostKey } = await lab.host()
  const knownHosts = join(folder, 'known_hosts')
  await writeFile(knownHosts, `[127.0.0.1]:${port} ssh-ed25519 ${hostKey.toString('base64')}\n`)
  const options = ['-F', 'none', '-S', join(folder, 'socket'), '-p', String(port), '-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR']
  const trust = [
    '-i',
    key,
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    `UserKnownHostsFile=${knownHosts}`,
    '-o',
    'StrictHostKeyChecking=yes',
  ]
  const ssh = (...args: string[]) => execute('ssh', [...options, ...args])
  await ssh('-M', '-f', '-N', '-o', 'ControlPersist=yes', ...trust, 'root@127.0.0.1')
  return {
    async run(command: readonly string[]) {
      await ssh('root@127.0.0.1', '--', ...command)
    },
    async close() {
      await ssh('-O', 'exit', 'root@127.0.0.1')
      await rm(folder, { recursive: true })
    },
  }
}
