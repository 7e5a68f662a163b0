import { join } from 'node:path'
import type { ServerChannel } from 'ssh2'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Problem } from '../../src-shared/problem'
import { type DialOptions, dial } from './dial'
import type { Link } from './link'
import type { RemoteProcess } from './remote-process'
import { type FaultServer, type FaultServerOptions, startFaultServer } from './testing/fault-server'
import { createTrustStore } from './trust'

/** Two busy cores may need more than vitest's one second. */
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000 })

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
})

async function connect(
  serverOptions: FaultServerOptions = {},
  dialOptions: Partial<DialOptions> = {},
): Promise<{ server: FaultServer; link: Link }> {
  const server = await startFaultServer(serverOptions)
  cleanUp.push(() => server.stop())
  const trust = createTrustStore({ homeDir: server.homeDir, ownFile: join(server.homeDir, 'own') })
  trust.pin('127.0.0.1', server.port, server.hostKey)
  const options = { trust, homeDir: server.homeDir, agentSocket: undefined, ...dialOptions }
  const link = await dial({ name: 'dom0', address: '127.0.0.1', port: server.port, user: 'root' }, options)
  cleanUp.push(() => link.close())
  return { server, link }
}

const finish = (channel: ServerChannel, exitCode = 0) => {
  channel.exit(exitCode)
  channel.end()
}

const lost = (link: Link) => new Promise<Problem>((resolve) => link.onLost(resolve))

describe('a link that is cut', () => {
  it('survives a reset with nothing under way: a problem for its owner, not an uncaught exception', async () => {
    const { server, link } = await connect()
    const problem = lost(link)
    server.cut()
    expect(await problem).toMatchObject({ code: 'CONNECTION_LOST', context: { host: 'dom0' } })
    await expect(link.run(['true'])).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(await lost(link)).toMatchObject({ code: 'CONNECTION_LOST' })
  })

  it('rejects a command that was accepted and had printed, instead of resolving with half of it', async () => {
    const { link } = await connect({
      onCommand: (channel, _command, faults) => channel.write('partial', () => faults.cut()),
    })
    await expect(link.run(['xl', 'list'])).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })

  it('rejects even when the exit status came but the channel was never closed: output may be missing', async () => {
    const { link } = await connect({
      onCommand: (channel, _command, faults) => {
        channel.exit(0)
        channel.write('partial', () => faults.cut())
      },
    })
    await expect(link.run(['xl', 'list'])).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })

  it.each(['session', 'command'] as const)('rejects when it is cut before the %s is accepted', async (cutOn) => {
    const { link } = await connect({ cutOn })
    await expect(link.run(['xl', 'list'])).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })

  it('finishes a program that had ended on the host, when its last output is read after the cut', async () => {
    let first: ServerChannel | undefined
    const { link, server } = await connect({
      onCommand: (channel, command) => {
        if (command === 'printf') {
          first = channel
          return
        }
        first?.write('all of it')
        if (first) finish(first, 3)
        finish(channel)
      },
    })
    const process = await link.stream(['printf'])
    process.pause()
    let text = ''
    process.onStdout((chunk) => {
      text += chunk
    })
    // Two round trips later the end of the first program is here, unread.
    await link.run(['true'])
    await link.run(['true'])
    const gone = lost(link)
    server.cut()
    await gone
    expect(text).toBe('')
    process.resume()
    expect(await process.exited).toEqual({ exitCode: 3 })
    expect(text).toBe('all of it')
  })

  it('is noticed by keepalives when the host falls silent', async () => {
    const { server, link } = await connect({}, { keepaliveMs: 20 })
    const process = link.run(['sleep', '1000'])
    const problem = lost(link)
    process.catch(() => undefined)
    server.stall()
    expect((await problem).detail).toContain('no answer to 3 keepalives')
    await expect(process).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })

  it('is kept when somebody takes charge of its silence, and goes on where it was', async () => {
    const onCommand = (channel: ServerChannel) => {
      channel.write('kept\n')
      channel.exit(0)
      channel.end()
    }
    const { server, link } = await connect({ onCommand }, { keepaliveMs: 20 })
    const silences: (string | undefined)[] = []
    link.onSilence((silence) => silences.push(silence?.code))
    const onLost = vi.fn()
    link.onLost(onLost)
    server.stall()
    const late = link.run(['echo', 'kept'])
    await expect.poll(() => silences).toEqual(['CONNECTION_LOST'])
    expect(link.silence?.detail).toContain('no answer to 3 keepalives')
    server.thaw()
    expect((await late).stdout.toString()).toBe('kept\n')
    expect(silences).toEqual(['CONNECTION_LOST', undefined])
    expect(link.silence).toBeUndefined()
    expect(onLost).not.toHaveBeenCalled()
  })

  it('ends when whoever took charge of its silence gives it up', async () => {
    const { server, link } = await connect({}, { keepaliveMs: 20 })
    link.onSilence((silence) => silence && link.giveUp())
    const problem = lost(link)
    server.stall()
    expect((await problem).detail).toContain('no answer to 3 keepalives')
    expect(await link.probe(1_000)).toBe(false)
  })

  it('is noticed at once by a probe, long before keepalives would', async () => {
    const { server, link } = await connect()
    const problem = lost(link)
    expect(await Promise.all([link.probe(5_000), link.probe(5_000)])).toEqual([true, true])
    server.stall()
    expect(await link.probe(100)).toBe(false)
    expect(await problem).toMatchObject({
      code: 'CONNECTION_LOST',
      detail: expect.stringContaining('no answer to a probe within 0.1 s'),
    })
    expect(await link.probe(5_000)).toBe(false)
  })

  it('is what a probe finds that is under way', async () => {
    const { server, link } = await connect()
    server.stall()
    const probed = link.probe(60_000)
    server.cut()
    expect(await probed).toBe(false)
  })

  it('is not what a probe finds of a link that somebody closed here', async () => {
    const { link } = await connect()
    const onLost = vi.fn()
    link.onLost(onLost)
    const probed = link.probe(60_000)
    link.close()
    expect(await probed).toBe(false)
    expect(onLost).not.toHaveBeenCalled()
  })

  it('does not report a loss when it was closed here', async () => {
    const { link } = await connect()
    const onLost = vi.fn()
    link.onLost(onLost)
    link.close()
    await until(() => expect(link.lost).toBeDefined())
    await expect(link.run(['true'])).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(onLost).not.toHaveBeenCalled()
  })
})

describe('output', () => {
  it('keeps a character whole that arrives in two packets', async () => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)]
    const { link } = await connect({
      onCommand: (channel) => {
        channel.write(first, () =>
          setImmediate(() => {
            channel.write(second)
            finish(channel)
          }),
        )
      },
    })
    expect((await link.run(['printf', 'é'])).stdout.toString()).toBe('é')
  })

  it('is not trimmed', async () => {
    const { link } = await connect({
      onCommand: (channel) => {
        channel.write('\n  two \n\n')
        finish(channel)
      },
    })
    expect((await link.run(['printf'])).stdout.toString()).toBe('\n  two \n\n')
  })

  it('of 3 MiB on stderr that nobody listens to does not block stdout', async () => {
    const { link } = await connect({
      onCommand: (channel) => {
        // More than the window that both share.
        channel.stderr.write(Buffer.alloc(3 * 1024 * 1024, 'e'), () => {
          channel.write('stdout')
          finish(channel)
        })
      },
    })
    const process = await link.stream(['noisy'])
    let text = ''
    process.onStdout((chunk) => {
      text += chunk
    })
    expect(await process.exited).toEqual({ exitCode: 0 })
    expect(text).toBe('stdout')
  })

  it('waits for a listener that comes late, on both streams', async () => {
    const { link } = await connect({
      onCommand: (channel) => {
        channel.stderr.write('err')
        channel.write('out')
        finish(channel, 1)
      },
    })
    const process = await link.stream(['early'])
    expect(await process.exited).toEqual({ exitCode: 1 })
    const heard: string[] = []
    process.onStdout((chunk) => heard.push(`stdout ${chunk}`))
    process.onStderr((chunk) => heard.push(`stderr ${chunk}`))
    expect(heard).toEqual(['stdout out', 'stderr err'])
  })

  it('of a flood is held back at the source while paused, and another command answers meanwhile; then all of it arrives', async () => {
    const total = 32 * 1024 * 1024
    const chunk = Buffer.alloc(64 * 1024, 'x')
    let written = 0
    const { link } = await connect({
      onCommand: (channel, command) => {
        if (command === 'true') return finish(channel)
        const pour = () => {
          while (written < total) {
            written += chunk.length
            if (!channel.write(chunk)) return void channel.once('drain', pour)
          }
          finish(channel)
        }
        pour()
      },
    })
    const process = await link.stream(['flood'])
    let received = 0
    process.onStdout((bytes) => {
      received += bytes.length
    })
    process.pause()
    let before = -1
    await until(async () => {
      // Steady over a whole round trip: the server has stopped.
      const now = written
      expect((await link.run(['true'])).exitCode).toBe(0)
      const steady = now === before && written === now && now > 0
      before = now
      expect(steady).toBe(true)
    })
    expect(written).toBeLessThan(8 * 1024 * 1024)
    process.resume()
    expect(await process.exited).toEqual({ exitCode: 0 })
    expect(received).toBe(total)
  })

  it('above maxBytes ends the command with a problem', async () => {
    const { link } = await connect({ onCommand: (channel) => void channel.write(Buffer.alloc(5_000)) })
    await expect(link.run(['yes'], { maxBytes: 4_000 })).rejects.toMatchObject({ code: 'UNEXPECTED_OUTPUT' })
  })
})

describe('how a program ends', () => {
  it('is its exit code', async () => {
    const { link } = await connect({ onCommand: (channel) => finish(channel, 42) })
    expect(await link.run(['false'])).toMatchObject({ exitCode: 42 })
  })

  it('is 128+n only when the host reports signal n', async () => {
    const { link } = await connect({
      onCommand: (channel) => {
        channel.exit('KILL' as never)
        channel.end()
      },
    })
    expect(await link.run(['xl'])).toMatchObject({ exitCode: 137 })
  })

  it('is a lost connection when its channel closes without any', async () => {
    const { link } = await connect({ onCommand: (channel) => channel.end() })
    await expect(link.run(['xl'])).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      message: expect.stringContaining('exit status'),
    })
    expect(link.lost).toBeUndefined()
  })

  it('is a timeout when it takes too long, and its late end harms nothing', async () => {
    let held: ServerChannel | undefined
    const { link } = await connect({
      onCommand: (channel, command) => {
        if (command === 'true') finish(channel)
        else held = channel
      },
    })
    await expect(link.run(['hang'], { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'CONNECTION_TIMED_OUT',
      problem: { context: { host: 'dom0', command: 'hang' } },
    })
    if (held) finish(held)
    expect(await link.run(['true'])).toMatchObject({ exitCode: 0 })
    await until(() => expect(link.sessions).toBe(0))
  })

  it('is the reason of the signal that aborted it, before or while it runs', async () => {
    const { link, server } = await connect()
    const stop = new AbortController()
    const running = link.run(['hang'], { signal: stop.signal })
    await until(() => expect(server.commands()).toHaveLength(1))
    const reason = new Error('cancelled')
    stop.abort(reason)
    await expect(running).rejects.toBe(reason)
    await expect(link.run(['hang'], { signal: stop.signal })).rejects.toBe(reason)
    expect(server.commands()).toHaveLength(1)
  })
})

describe('a session', () => {
  it('that the host refuses is SESSION_REFUSED, and the link lives on', async () => {
    const { link } = await connect({ maxSessions: 1, onCommand: (channel) => void channel.write('') })
    const first = await link.stream(['cat'])
    await expect(link.stream(['cat'])).rejects.toMatchObject({ code: 'SESSION_REFUSED' })
    expect(link.sessions).toBe(1)
    expect(link.lost).toBeUndefined()
    first.close()
  })

  it('whose command the host does not accept is no lost link', async () => {
    const { link } = await connect({ refuseCommands: true })
    await expect(link.run(['xl'])).rejects.toMatchObject({ code: 'COMMAND_FAILED' })
    expect(link.sessions).toBe(0)
  })

  it('counts as open until the host has let go of it, even when it was left here', async () => {
    const { link } = await connect({ onCommand: (channel) => void channel.write('started') })
    const process: RemoteProcess = await link.stream(['cat'])
    expect(link.sessions).toBe(1)
    process.close()
    await expect(process.exited).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await until(() => expect(link.sessions).toBe(0))
    // Neither may throw now.
    process.write('late')
    process.end()
  })

  it('is not asked for with a command that no host can take', async () => {
    const { link, server } = await connect()
    await expect(link.run(['echo', 'x'.repeat(140_000)])).rejects.toMatchObject({ code: 'BAD_INPUT' })
    expect(server.commands()).toEqual([])
  })
})
