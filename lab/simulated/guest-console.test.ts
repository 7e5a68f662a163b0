import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { createGuestConsole } from './guest-console'
import type { GuestSelf } from './guest-shell'

const self: GuestSelf = {
  name: 'web-01',
  uuid: '3f0c6f4e-7a0e-4f1c-9d55-5f0f8a1f1b07',
  domid: 1,
  memoryMb: 256,
  vcpus: 1,
  kernel: '6.1.0',
  rootFileSystem: 'overlay',
  upSeconds: () => 100,
  files: new Map(),
  saveFiles: () => {},
}

it('lets everything else run when its reader fails in the middle of a flood', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const wire = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [reader] = (await once(server, 'connection')) as [Socket]
  reader.on('error', () => {})
  const guest = createGuestConsole(self, () => {})
  guest.attach(reader)
  let said = ''
  wire.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-1000)
  })
  for (const [prompt, answer] of [
    ['login: ', 'root\r'],
    ['Password: ', 'x\r'],
    [':~# ', 'yes\r'],
    ['y\r\ny\r\n', ''],
  ] as const) {
    await expect.poll(() => said).toContain(prompt)
    said = ''
    wire.write(answer)
  }
  reader.destroy()
  for (let turns = 0; turns < 100; turns += 1) await turn()
  wire.destroy()
  server.close()
  await once(server, 'close')
})

it('prints its boot in order, however the clock ticks while it is planned', () => {
  vi.useFakeTimers()
  let now = 0.49
  const upSeconds = () => {
    now += 0.02
    return now
  }
  const guest = createGuestConsole({ ...self, upSeconds }, () => {})
  vi.advanceTimersByTime(2_000)
  vi.useRealTimers()
  const pieces: string[] = []
  const reader = { write: (text: string) => pieces.push(text), on: () => reader } as unknown as Socket
  guest.attach(reader)
  const said = pieces.join('')
  expect(said.match(/Started (.*)\.\r/g)).toHaveLength(6)
  expect(said).toMatch(/nothing here is real\r\n\r\nweb-01 login: $/)
})
