import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type DialOptions, dial } from './dial'
import type { Target } from './jump'
import { openPool, type SessionPool } from './pool'
import { haveSshd, startSshd, type TestSshd } from './testing/sshd'
import { createTrustStore } from './trust'

/** Two busy cores may need more than vitest's one second. */
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000 })

describe.skipIf(!haveSshd)('sessions over a real sshd with MaxSessions 10', () => {
  let sshd: TestSshd
  let target: Target
  let options: DialOptions
  const pools: SessionPool[] = []

  beforeAll(async () => {
    sshd = await startSshd()
    const trust = createTrustStore({ homeDir: sshd.homeDir, ownFile: join(sshd.homeDir, 'own_known_hosts') })
    await trust.add(sshd.knownHostsLine)
    target = { name: 'loop', address: '127.0.0.1', port: sshd.port, user: sshd.user }
    options = { trust, homeDir: sshd.homeDir, agentSocket: undefined }
  })
  afterEach(() => {
    for (const pool of pools.splice(0)) pool.close()
  })
  afterAll(() => sshd?.stop())

  const open = async (limits?: Parameters<typeof openPool>[2]) => {
    const pool = await openPool(target, options, limits)
    pools.push(pool)
    return pool
  }

  it('keeps 20 programs running at once, on three connections', async () => {
    const pool = await open()
    const processes = await Promise.all(Array.from({ length: 20 }, () => pool.stream(['cat'])))
    const answers = await Promise.all(
      processes.map(async (process, index) => {
        let text = ''
        const done = new Promise<void>((resolve) =>
          process.onStdout((chunk) => {
            text += chunk
            if (text.endsWith('\n')) resolve()
          }),
        )
        process.write(`pane ${index}\n`)
        await done
        return text
      }),
    )
    expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => `pane ${index}\n`))
    expect(pool.links).toBe(3)
    expect(pool.authentications).toBe(3)
    for (const process of processes) process.end()
    expect(await Promise.all(processes.map((process) => process.exited))).toEqual(Array(20).fill({ exitCode: 0 }))
  })

  it('logs in once for many small commands in a row', async () => {
    const pool = await open()
    for (let round = 0; round < 5; round++) expect((await pool.run(['true'])).exitCode).toBe(0)
    expect(pool.authentications).toBe(1)
  })

  it('goes to another connection when the host refuses the eleventh session', async () => {
    // Told that a connection is good for 20, the pool meets the limit of sshd itself.
    const pool = await open({ maxSessionsPerLink: 20 })
    const processes = await Promise.all(Array.from({ length: 12 }, () => pool.stream(['cat'])))
    expect(pool.links).toBe(2)
    for (const process of processes) process.end()
    await Promise.all(processes.map((process) => process.exited))
  })

  it('takes 20 MB on stdin and gives them back unchanged', async () => {
    const pool = await open()
    const bytes = randomBytes(20 * 1024 * 1024)
    const { stdout, stderr, exitCode } = await pool.run(['cat'], { stdin: bytes })
    expect([exitCode, stderr.toString(), stdout.equals(bytes)]).toEqual([0, '', true])
  })

  it('has an empty stdin without one, so that no command waits for it', async () => {
    const pool = await open()
    expect(await pool.run(['wc', '-c'])).toMatchObject({ stdout: Buffer.from('0\n') })
  })

  it('gives every argument to the program as it was', async () => {
    const pool = await open()
    const hostile = ['', '-n', '$(id)', "it's", 'two\nlines', 'ü😀', '`x`', '~', 'a=b', '\\', 'x'.repeat(100_000)]
    const { stdout } = await pool.run(['printf', '%s\\0', ...hostile])
    expect(stdout.toString().split('\0').slice(0, -1)).toEqual(hostile)
  })

  it('keeps stdout, stderr and the exit code apart', async () => {
    const pool = await open()
    const { stdout, stderr, exitCode } = await pool.run(['sh', '-c', 'echo out; echo err >&2; exit 7'])
    expect([stdout.toString(), stderr.toString(), exitCode]).toEqual(['out\n', 'err\n', 7])
  })

  it('reports a program that a signal killed as 128+n', async () => {
    const pool = await open()
    expect(await pool.run(['sh', '-c', 'kill -TERM $$'])).toMatchObject({ exitCode: 143 })
    expect(await pool.run(['sh', '-c', 'exit 143'])).toMatchObject({ exitCode: 143 })
  })

  it('does not kill a program by leaving it, and counts its session until it ends', async () => {
    const link = await dial(target, options)
    const gate = join(sshd.homeDir, 'gate')
    const proof = join(sshd.homeDir, 'proof')
    try {
      const program = 'mkfifo "$1"; echo ready; read line < "$1"; echo "$line" > "$2"'
      const process = await link.stream(['sh', '-c', program, 'sh', gate, proof])
      await new Promise<void>((resolve) => process.onStdout(() => resolve()))
      process.close()
      await expect(process.exited).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
      // A round trip later sshd knows that the channel is closed, and still runs the program.
      await link.run(['true'])
      expect(link.sessions).toBe(1)
      await writeFile(gate, 'still here\n')
      await until(() => expect(link.sessions).toBe(0))
      expect(await readFile(proof, 'utf8')).toBe('still here\n')
    } finally {
      link.close()
    }
  })

  it('knows the host by a name that ssh-keygen -H has hashed', async () => {
    const file = join(sshd.homeDir, '.ssh', 'known_hosts')
    await writeFile(file, `${sshd.knownHostsLine}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
    expect(await readFile(file, 'utf8')).not.toContain('127.0.0.1')
    const trust = createTrustStore({ homeDir: sshd.homeDir, ownFile: join(sshd.homeDir, 'nothing') })
    const link = await dial(target, { ...options, trust })
    expect(link.lost).toBeUndefined()
    link.close()
  })

  it('loses the pool, and nothing else, when sshd is killed', async () => {
    const other = await startSshd()
    const trust = createTrustStore({ homeDir: other.homeDir, ownFile: join(other.homeDir, 'own') })
    trust.pin('127.0.0.1', other.port, other.hostKey)
    const pool = await openPool({ ...target, port: other.port }, { trust, homeDir: other.homeDir, agentSocket: undefined })
    pools.push(pool)
    const lost = new Promise((resolve) => pool.onLost(resolve))
    const running = pool.run(['sleep', '1000'])
    const outcome = expect(running).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await pool.run(['true'])
    await other.stop()
    await outcome
    expect(await lost).toMatchObject({ code: 'CONNECTION_LOST' })
  })
})
