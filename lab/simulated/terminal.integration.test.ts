import { afterEach, beforeEach, expect, it } from 'vitest'
import { type SimulatedFleet, startSimulatedFleet } from './server'
import { type Connected, connect, until } from './testing/connect'

let fleet: SimulatedFleet
let connected: Connected
beforeEach(async () => {
  fleet = await startSimulatedFleet({ hosts: 1, guests: 2 })
  connected = await connect(fleet.host('sim-1'))
})
afterEach(async () => {
  await connected.close()
  await fleet.stop()
})

it('gives a simulated host a shell on a pty that follows its size and ends with its status', async () => {
  const shell = await connected.host.openShell('root', { columns: 91, rows: 33 })
  let text = ''
  shell.onStdout((chunk) => {
    text += chunk.toString()
  })
  shell.write('stty size; echo "$TERM"; xl list | head -n 1\r')
  await until(() => /33 91\r\nxterm-256color\r\nName .*ID/.test(text))
  shell.resize({ columns: 70, rows: 20 })
  await until(() => {
    shell.write('stty size\r')
    return text.includes('20 70\r')
  })
  shell.write('exit 6\r')
  expect(await shell.exited).toEqual({ exitCode: 6 })
})
