import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Shell } from '../../src-shared/models/console'
import { dom0Id } from '../../src-shared/models/console'
import { Host } from '../host/host'
import { sshServices } from '../host/services'
import { makeStubDom0, uuidOf } from '../host/testing/stub-dom0'
import { haveAccounts, haveSshd, startSshd, type TestSshd } from '../ssh/testing/sshd'
import { createTrustStore } from '../ssh/trust'
import { Consoles } from './consoles'
import { Recordings } from './recordings'
import { openTestPage, type TestPane } from './testing/page'

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000, interval: 10 })

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
})

async function connectedHost(config: string[] = []) {
  const dom0 = await makeStubDom0()
  cleanUp.push(() => dom0.remove())
  await dom0.setDomains([{ domid: 7, name: 'web-07', uuid: uuidOf(7) }])
  const environment = Object.entries(dom0.environment).map(([name, value]) => `${name}=${value}`)
  const sshd = await startSshd({ config: [`SetEnv ${environment.join(' ')}`, ...config] })
  cleanUp.push(() => sshd.stop())
  const trust = createTrustStore({ homeDir: sshd.homeDir, ownFile: join(sshd.homeDir, 'own_known_hosts') })
  await trust.add(sshd.knownHostsLine)
  const { storageRoot } = dom0
  const host = new Host(
    { id: 'h1', name: 'ares', address: '127.0.0.1', port: sshd.port, user: sshd.user, storageRoot, simulated: false },
    { ...sshServices({ agentSocket: undefined, homeDir: sshd.homeDir }, trust), random: () => 0 },
  )
  cleanUp.push(() => host.disconnect())
  host.connect()
  await until(() => expect(host.connection.phase).toBe('ready'))
  const consoles = new Consoles(
    { get: () => host, hosts: () => [host], onHost: () => () => undefined },
    { lingerMs: 0, recordings: new Recordings('/nowhere'), isRecordedAlways: () => false },
  )
  cleanUp.push(() => consoles.close())
  return { host, sshd, consoles, page: openTestPage(consoles), trust }
}

const root: Shell = { kind: 'host', id: 's1', as: 'root' }
const size = { columns: 91, rows: 33 }
const attached = (pane: TestPane) => until(() => expect(pane.status).toMatchObject({ state: 'attached' }))

describe.skipIf(!haveSshd)('a shell of dom0 in a pane', () => {
  it('opens when asked, follows the size of the pane, and ends with its status; then it can be opened again', async () => {
    const { consoles, page } = await connectedHost()
    const pane = await page.open('h1', dom0Id, 'ana', { shell: root, size })
    await until(() => expect(pane.status).toEqual({ state: 'closed' }))
    await consoles.evict(page.lane, pane.stream, 0)
    await attached(pane)
    pane.type('stty size\r')
    await until(() => expect(pane.text).toContain('33 91\r'))
    consoles.resize(page.lane, pane.stream, { columns: 44, rows: 11 })
    pane.type('stty size\r')
    await until(() => expect(pane.text).toContain('11 44\r'))
    pane.type('exit 5\r')
    await until(() => expect(pane.status).toMatchObject({ state: 'ended', exitCode: 5 }))
    await consoles.evict(page.lane, pane.stream, 0)
    await attached(pane)
    // Not stripped, as for xenconsole: this is no escape of anything here.
    pane.type("od -An -tx1 -N1; printf 'again'\r")
    await until(() => expect(pane.text).toContain('again'))
    expect(pane.text).toContain('33 91')
  })

  it('is found again by a page that comes back with its name, and is another one by another name', async () => {
    const { page } = await connectedHost()
    const first = await page.open('h1', dom0Id, 'ana', { shell: root, size, open: true })
    await attached(first)
    first.type('marked=yes\r')
    const again = await page.open('h1', dom0Id, 'ana', { shell: root, size })
    first.close()
    await attached(again)
    again.type('echo "it is $marked"\r')
    await until(() => expect(again.text).toContain('it is yes'))
    const other = await page.open('h1', dom0Id, 'ana', { shell: { ...root, id: 's2' }, size })
    await until(() => expect(other.status).toEqual({ state: 'closed' }))
  })

  it('is over when the link goes, in words, and what it said stays', async () => {
    const { sshd, host, page } = await connectedHost()
    const pane = await page.open('h1', dom0Id, 'ana', { shell: root, size, open: true })
    await attached(pane)
    pane.type("printf 'be%s' fore\r")
    await until(() => expect(pane.text).toContain('before'))
    sshd.cut()
    await until(() => expect(pane.status).toMatchObject({ state: 'ended', problem: { code: 'CONNECTION_LOST' } }))
    await until(() => expect(host.connection.phase).toBe('ready'))
    expect(pane.status).toMatchObject({ state: 'ended' })
    const later = await page.open('h1', dom0Id, 'ana', { shell: root })
    await until(() => expect(later.text).toContain('before'))
  })
})

describe.skipIf(!haveAccounts)('a shell in a guest, by SSH through its dom0', () => {
  const password = 'open sesame'
  async function withGuest(config: string[] = []) {
    const given = await connectedHost(config)
    const guest = await startSshd({
      account: { name: 'ada', password },
      config: ['PasswordAuthentication yes', 'PubkeyAuthentication no'],
    })
    cleanUp.push(() => guest.stop())
    const shell: Shell = { kind: 'guest', id: 'g1', user: 'ada', address: '127.0.0.1', port: guest.port }
    return { ...given, guest, shell }
  }
  const sessionsFrom = (sshd: TestSshd) => sshd.log().match(/^Connection from 127\.0\.0\.1/gm)?.length ?? 0

  it('shows its host key, asks for its password, and then is there; nothing of it is kept but the key', async () => {
    const { consoles, page, guest, shell, trust } = await withGuest()
    const pane = await page.open('h1', uuidOf(7), 'ana', { shell, size, open: true })
    await until(() => expect(pane.status).toMatchObject({ state: 'failed', problem: { code: 'HOST_KEY_UNKNOWN' } }))
    const shown = pane.status?.state === 'failed' ? pane.status.presentedKey : undefined
    await expect(consoles.trust(page.lane, pane.stream, 'SHA256:other')).rejects.toMatchObject({ problem: { code: 'BAD_INPUT' } })
    await consoles.trust(page.lane, pane.stream, shown?.fingerprint ?? '')
    await until(() => expect(pane.status).toMatchObject({ state: 'asking', question: { kind: 'password' } }))
    const question = () => (pane.status?.state === 'asking' ? pane.status.question : undefined)
    consoles.answer(page.lane, pane.stream, question()?.id ?? '', ['wrong'])
    await until(() => expect(pane.status).toMatchObject({ state: 'asking', question: { attempt: 2 } }))
    consoles.answer(page.lane, pane.stream, question()?.id ?? '', [password])
    await attached(pane)
    pane.type('stty size; echo "$(id -un) $SSH_CONNECTION"\r')
    await until(() => expect(pane.text).toMatch(/33 91\r\nada 127\.0\.0\.1 /))
    // Kept under the guest and not under an address that another guest may have tomorrow.
    expect((await trust.entries()).map(({ line: _line, ...entry }) => JSON.stringify(entry)).join()).toContain(uuidOf(7))
    pane.type('exit 4\r')
    await until(() => expect(pane.status).toMatchObject({ state: 'ended', exitCode: 4 }))
    // What was answered serves while the pane is open.
    await consoles.evict(page.lane, pane.stream, 0)
    await attached(pane)
    expect(sessionsFrom(guest)).toBeGreaterThan(1)
  })

  it('is over when the guest ends it, and the host is not', async () => {
    const { consoles, page, guest, shell, trust, host } = await withGuest()
    await trust.add(guest.knownHostsLine.replace(/^\S+/, uuidOf(7)))
    const pane = await page.open('h1', uuidOf(7), 'ana', { shell, size, open: true })
    await until(() => expect(pane.status).toMatchObject({ state: 'asking' }))
    const id = pane.status?.state === 'asking' ? pane.status.question.id : ''
    consoles.answer(page.lane, pane.stream, id, [password])
    await attached(pane)
    guest.cut()
    await until(() => expect(pane.status).toMatchObject({ state: 'ended', problem: { code: 'CONNECTION_LOST' } }))
    expect(host.connection.phase).toBe('ready')
  })

  it('is refused in words by a host that forwards nothing, and by a guest that does not answer there', async () => {
    const { page, shell } = await withGuest(['AllowTcpForwarding no'])
    const pane = await page.open('h1', uuidOf(7), 'ana', { shell, size, open: true })
    await until(() => expect(pane.status).toMatchObject({ state: 'failed', problem: { code: 'FORWARDING_REFUSED' } }))
    const { page: other } = await withGuest()
    const nobody = await other.open('h1', uuidOf(7), 'ana', { shell: { ...shell, port: 1 }, size, open: true })
    await until(() =>
      expect(nobody.status).toMatchObject({
        state: 'failed',
        problem: { code: 'CONNECTION_REFUSED', detail: expect.stringContaining('web-07 refuses connections from ares') },
      }),
    )
  })

  it('stops hard at another key than the one that was trusted', async () => {
    const { page, sshd, shell, trust } = await withGuest()
    await trust.add(sshd.knownHostsLine.replace(/^\S+/, uuidOf(7)))
    const pane = await page.open('h1', uuidOf(7), 'ana', { shell, size, open: true })
    await until(() => expect(pane.status).toMatchObject({ state: 'failed', problem: { code: 'HOST_KEY_CHANGED' } }))
    expect(pane.status).not.toHaveProperty('presentedKey')
  })
})
