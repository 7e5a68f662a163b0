import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Problem } from '../../src-shared/problem'
import { ProblemError } from '../../src-shared/problem'
import { type DialOptions, dial } from './dial'
import type { Target } from './jump'
import type { Link } from './link'
import { openPool, SessionPool } from './pool'
import { type FaultServer, type FaultServerOptions, startFaultServer } from './testing/fault-server'
import { createTrustStore } from './trust'

/** Two busy cores may need more than vitest's one second. */
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000 })

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
})

async function start(
  serverOptions: FaultServerOptions = {},
): Promise<{ server: FaultServer; target: Target; options: DialOptions }> {
  // Programs that run until they are closed, but for `true`.
  const onCommand: FaultServerOptions['onCommand'] = (channel, command) => {
    if (command !== 'true') return
    channel.exit(0)
    channel.end()
  }
  const server = await startFaultServer({ onCommand, ...serverOptions })
  cleanUp.push(() => server.stop())
  const trust = createTrustStore({ homeDir: server.homeDir, ownFile: join(server.homeDir, 'own') })
  trust.pin('127.0.0.1', server.port, server.hostKey)
  return {
    server,
    target: { name: 'dom0', address: '127.0.0.1', port: server.port, user: 'root' },
    options: { trust, homeDir: server.homeDir, agentSocket: undefined },
  }
}

async function open(limits?: Parameters<typeof openPool>[2], serverOptions?: FaultServerOptions) {
  const { server, target, options } = await start(serverOptions)
  const pool = await openPool(target, options, limits)
  cleanUp.push(() => pool.close())
  return { server, pool }
}

const streams = (pool: SessionPool, count: number) => Promise.all(Array.from({ length: count }, () => pool.stream(['cat'])))

describe('growing', () => {
  it('keeps to one connection up to 8 sessions', async () => {
    const { server, pool } = await open()
    await streams(pool, 8)
    expect([pool.links, server.logins()]).toEqual([1, 1])
  })

  it('shares a dial among requests that come at once', async () => {
    const { server, pool } = await open()
    await streams(pool, 16)
    expect([pool.links, server.logins(), pool.authentications]).toEqual([2, 2, 2])
  })

  it('has at most 4 dials under way', async () => {
    const { target, options } = await start()
    let underWay = 0
    let most = 0
    const pool = new SessionPool(
      'dom0',
      await dial(target, options),
      async () => {
        underWay++
        most = Math.max(most, underWay)
        return dial(target, options).finally(() => underWay--)
      },
      { maxSessionsPerLink: 1 },
    )
    cleanUp.push(() => pool.close())
    await streams(pool, 12)
    expect(most).toBe(4)
    expect(pool.links).toBe(12)
  })

  it('uses room that becomes free instead of another connection', async () => {
    const { target, options } = await start()
    const link = await dial(target, options)
    const pool = new SessionPool('dom0', link, () => Promise.reject(new Error('no further link is needed')), {
      maxSessionsPerLink: 2,
    })
    cleanUp.push(() => pool.close())
    const [first] = await streams(pool, 2)
    first?.close()
    await until(() => expect(link.sessions).toBe(1))
    expect(await pool.run(['true'])).toMatchObject({ exitCode: 0 })
  })
})

describe('a host that refuses sessions', () => {
  it.each([1, 2, 3, 10])('is reached over as many connections as MaxSessions %i asks for', async (maxSessions) => {
    const { pool } = await open({}, { maxSessions })
    await streams(pool, 12)
    const needed = Math.ceil(12 / Math.min(maxSessions, 8))
    expect(pool.links).toBeGreaterThanOrEqual(needed)
    // Those of one round of dials may turn out not to be needed.
    expect(pool.links).toBeLessThan(needed + 4)
  })

  it('altogether is SESSION_REFUSED for everybody, and no storm of dials', async () => {
    const { server, pool } = await open({}, { maxSessions: 0 })
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => pool.run(['true'])))
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'SESSION_REFUSED' } })
    expect(server.logins()).toBeLessThanOrEqual(6)
  })
})

describe('shrinking', () => {
  it('closes a further connection that has had no session for a while, and keeps the first', async () => {
    const { server, pool } = await open({ maxSessionsPerLink: 1, idleMs: 20 })
    const processes = await streams(pool, 2)
    expect(pool.links).toBe(2)
    for (const process of processes) process.close()
    await until(() => expect(pool.links).toBe(1))
    await until(() => expect(server.connections()).toBe(1))
    expect(await pool.run(['true'])).toMatchObject({ exitCode: 0 })
    expect(server.logins()).toBe(2)
  })
})

describe('when something goes wrong', () => {
  it('rejects those who wait for a dial that fails, with its problem, and goes on for the others', async () => {
    const { target, options } = await start()
    const refused = new ProblemError('AUTH_FAILED', 'dom0 does not let root in.')
    const pool = new SessionPool('dom0', await dial(target, options), () => Promise.reject(refused), { maxSessionsPerLink: 1 })
    cleanUp.push(() => pool.close())
    const [first] = await streams(pool, 1)
    await expect(pool.run(['true'])).rejects.toBe(refused)
    first?.close()
    await until(async () => expect(await pool.run(['true'])).toMatchObject({ exitCode: 0 }))
  })

  it('tells the loss of the first connection once, and starts nothing more', async () => {
    const { server, pool } = await open()
    const told: Problem[] = []
    pool.onLost((problem) => told.push(problem))
    const running = pool.run(['cat'])
    server.cut()
    await expect(running).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(pool.run(['true'])).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(told).toMatchObject([{ code: 'CONNECTION_LOST' }])
  })

  it('lives on without a further connection that is lost', async () => {
    const { target, options } = await start()
    const further = await start()
    const pool = new SessionPool('dom0', await dial(target, options), () => dial(further.target, further.options), {
      maxSessionsPerLink: 1,
    })
    cleanUp.push(() => pool.close())
    const onLost = vi.fn()
    pool.onLost(onLost)
    const [, second] = await streams(pool, 2)
    further.server.cut()
    await expect(second?.exited).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await until(() => expect(pool.links).toBe(1))
    expect(await pool.run(['true'])).toMatchObject({ exitCode: 0 })
    expect(onLost).not.toHaveBeenCalled()
  })

  it('stops waiting when aborted, or when time is up while a dial hangs', async () => {
    const { target, options } = await start()
    const pool = new SessionPool('dom0', await dial(target, options), () => new Promise<Link>(() => undefined), {
      maxSessionsPerLink: 1,
    })
    cleanUp.push(() => pool.close())
    await streams(pool, 1)
    const stop = new AbortController()
    const waiting = pool.stream(['cat'], { signal: stop.signal })
    const reason = new Error('cancelled')
    stop.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(pool.run(['true'], { timeoutMs: 20 })).rejects.toMatchObject({ code: 'CONNECTION_TIMED_OUT' })
  })

  it('rejects everybody when it is closed, and dials that are under way come to nothing', async () => {
    const { server, pool } = await open({ maxSessionsPerLink: 1 })
    const onLost = vi.fn()
    pool.onLost(onLost)
    const [running] = await streams(pool, 1)
    const waiting = pool.run(['true'])
    pool.close()
    await expect(waiting).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(running?.exited).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(pool.run(['true'])).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await until(() => expect(server.connections()).toBe(0))
    expect(onLost).not.toHaveBeenCalled()
  })
})
