import { describe, expect, it } from 'vitest'
import { JobLog } from './job-log'

async function all(log: JobLog, signal = new AbortController().signal): Promise<string> {
  let text = ''
  for await (const part of log.read(signal)) text += part.text
  return text
}

describe('the log of a running job', () => {
  it('reaches a reader whole, whatever had come before it and wherever a chunk ends', async () => {
    const log = new JobLog()
    const bytes = Buffer.from('erst grün, dann 木\n'.repeat(50))
    log.append(bytes.subarray(0, 7))
    const early = all(log)
    for (let at = 7; at < bytes.length; at += 3) {
      log.append(bytes.subarray(at, at + 3))
      await Promise.resolve()
    }
    const late = all(log)
    log.end()
    expect(await early).toBe(bytes.toString())
    expect(await late).toBe(bytes.toString())
    expect(log.bytes).toBe(bytes.length)
  })

  it('lets go of a reader that leaves', async () => {
    const log = new JobLog()
    const stop = new AbortController()
    const reading = all(log, stop.signal)
    stop.abort()
    expect(await reading).toBe('')
  })

  it('holds the newest 4 MiB, and says how much is missing', async () => {
    const log = new JobLog()
    for (let chunk = 0; chunk < 6; chunk += 1) log.append(Buffer.alloc(1024 * 1024, String(chunk)))
    log.end()
    const text = await all(log)
    expect(text.startsWith('[2097152 bytes are not shown here; the whole log is on the host]\n2')).toBe(true)
    expect(text.endsWith('5')).toBe(true)
    expect(log.bytes).toBe(6 * 1024 * 1024)
  })
})
