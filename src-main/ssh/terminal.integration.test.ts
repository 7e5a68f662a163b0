import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openPool } from './pool'
import type { RemoteTerminal } from './remote-process'
import { haveSshd, startSshd } from './testing/sshd'
import { createTrustStore } from './trust'

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000, interval: 10 })
const size = { columns: 93, rows: 27 }

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
})

async function open(config: string[] = []) {
  const sshd = await startSshd({ config })
  cleanUp.push(() => sshd.stop())
  const trust = createTrustStore({ homeDir: sshd.homeDir, ownFile: join(sshd.homeDir, 'own_known_hosts') })
  await trust.add(sshd.knownHostsLine)
  const target = { name: 'loop', address: '127.0.0.1', port: sshd.port, user: sshd.user }
  const pool = await openPool(target, { trust, homeDir: sshd.homeDir, agentSocket: undefined })
  cleanUp.push(() => pool.close())
  return { sshd, pool }
}

function reading(terminal: RemoteTerminal) {
  const read = { bytes: Buffer.alloc(0), text: () => read.bytes.toString('utf8') }
  terminal.onStdout((chunk) => {
    read.bytes = Buffer.concat([read.bytes, chunk])
  })
  return read
}

describe.skipIf(!haveSshd)('a terminal on a real sshd', () => {
  it('is the login shell of the user, of the size that it was given and of each later one, and ends with its status', async () => {
    const { pool } = await open()
    const terminal = await pool.terminal({ size })
    const read = reading(terminal)
    terminal.write('case $- in *i*) echo "interactive $TERM";; esac; stty size\r')
    await until(() => expect(read.text()).toMatch(/interactive xterm-256color\r?\n.*27 93\r/s))
    terminal.resize({ columns: 132, rows: 50 })
    terminal.write('stty size\r')
    await until(() => expect(read.text()).toContain('50 132\r'))
    terminal.write('exit 42\r')
    expect(await terminal.exited).toEqual({ exitCode: 42 })
    // A window that changes its size after the end of its shell is no mistake.
    terminal.resize(size)
  })

  it('says of a shell that was killed by which signal', async () => {
    const { pool } = await open()
    const terminal = await pool.terminal({ argv: ['sh', '-c', 'kill -TERM $$'], size })
    expect(await terminal.exited).toEqual({ exitCode: 143 })
  })

  it('passes all 256 bytes both ways', async () => {
    const { pool } = await open()
    const terminal = await pool.terminal({ argv: ['sh', '-c', 'stty raw -echo; echo ready; cat'], size })
    const read = reading(terminal)
    await until(() => expect(read.text()).toContain('ready\n'))
    const bytes = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes(64 * 1024)])
    for (let at = 0; at < bytes.length; at += 1024) terminal.write(bytes.subarray(at, at + 1024))
    await until(() => expect(read.bytes.length).toBe('ready\n'.length + bytes.length))
    expect(read.bytes.subarray('ready\n'.length).equals(bytes)).toBe(true)
  })

  it('keeps twenty of them open at once over an sshd that allows ten sessions a connection', async () => {
    const { pool } = await open()
    const terminals = await Promise.all(Array.from({ length: 20 }, () => pool.terminal({ argv: ['cat'], size })))
    const reads = terminals.map(reading)
    terminals.forEach((terminal, index) => void terminal.write(`pane ${index}\r`))
    // Once by the echo of the pty, once by cat.
    const times = (text: string, word: string) => text.split(`${word}\r\n`).length - 1
    await until(() => expect(reads.map((read, index) => times(read.text(), `pane ${index}`))).toEqual(Array(20).fill(2)))
    expect(pool.links).toBe(3)
  })

  it('hangs up when it is closed, which ends the shell and gives its session back', async () => {
    const { pool } = await open()
    const terminal = await pool.terminal({ argv: ['sh', '-c', 'echo "pid $$ ."; read -r line'], size })
    const read = reading(terminal)
    await until(() => expect(read.text()).toMatch(/pid \d+ \./))
    const pid = /pid (\d+)/.exec(read.text())?.[1]
    expect(existsSync(`/proc/${pid}`)).toBe(true)
    terminal.close()
    await until(() => expect(existsSync(`/proc/${pid}`)).toBe(false))
  })

  it('is lost with its connection, without a status', async () => {
    const { pool, sshd } = await open()
    const terminal = await pool.terminal({ size })
    sshd.cut()
    await expect(terminal.exited).rejects.toMatchObject({ problem: { code: 'CONNECTION_LOST' } })
  })

  it('is refused in words by a host that gives no pty, and the pool goes on', async () => {
    const { pool } = await open(['PermitTTY no'])
    await expect(pool.terminal({ size })).rejects.toMatchObject({
      problem: {
        code: 'COMMAND_FAILED',
        detail: expect.stringContaining('loop gives no terminal'),
        hint: expect.stringContaining('PermitTTY'),
      },
    })
    expect((await pool.run(['echo', 'up'])).stdout.toString()).toBe('up\n')
  })
})
