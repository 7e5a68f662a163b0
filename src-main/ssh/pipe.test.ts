import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { pipe } from './pipe'

const megabyte = 1024 * 1024
const shell = (script: string) => spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })

it('hands every byte on, and holds back who gives while who takes does not read', async () => {
  const bytes = 64 * megabyte
  const giver = shell(`yes 0123456789 | head -c ${bytes}`)
  // Reads nothing before it is told to.
  const taker = shell('kill -STOP $$; sha256sum')
  const said = new Promise<string>((resolve) => taker.stdout.on('data', (chunk: Buffer) => resolve(chunk.toString())))
  let given = 0
  await new Promise<void>((held) => {
    pipe(
      {
        onStdout: (listener) => {
          giver.stdout.on('data', (chunk: Buffer) => {
            given += chunk.length
            listener(chunk)
          })
        },
        pause: () => {
          giver.stdout.pause()
          held()
        },
        resume: () => void giver.stdout.resume(),
      },
      { write: (chunk) => taker.stdin.write(chunk), onDrain: (listener) => void taker.stdin.on('drain', listener) },
    )
  })
  expect(given).toBeLessThan(megabyte)
  giver.stdout.on('end', () => taker.stdin.end())
  process.kill(taker.pid ?? 0, 'SIGCONT')
  const whole = createHash('sha256')
    .update('0123456789\n'.repeat(bytes / 11 + 1).slice(0, bytes))
    .digest('hex')
  expect(await said).toContain(whole)
  expect(given).toBe(bytes)
})
