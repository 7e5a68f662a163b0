import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Duplex, Message } from '../../src-shared/duplex'
import { startWebShell, type WebShell } from './server'

let folder: string
let shell: WebShell
const pages: Duplex[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'domdeck-web-'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Domdeck</title>')
  shell = await startWebShell({ port: 0, folder, onPage: (duplex) => pages.push(duplex) })
})
afterAll(async () => {
  await shell.close()
  await rm(folder, { recursive: true })
})

type Answer = { status: number; headers: Record<string, unknown>; body: string }

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: shell.port, path, method, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    request.on('error', reject).end()
  })
}

async function logIn(): Promise<string> {
  const answer = await get(new URL(shell.oneTimeUrl()).search.replace(/^/, '/'))
  expect(answer.status).toBe(303)
  return String(answer.headers['set-cookie']).split(';')[0] as string
}

function socket(headers: Record<string, string>, path = '/duplex'): Promise<WebSocket | number> {
  return new Promise((resolve) => {
    const client = new WebSocket(`ws://127.0.0.1:${shell.port}${path}`, { headers })
    client.on('open', () => resolve(client))
    client.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    client.on('error', () => {})
  })
}

it('lets nobody in without the one-time token', async () => {
  expect((await get('/')).status).toBe(403)
  expect((await get('/?token=guess')).status).toBe(403)
  expect((await get('/', { cookie: `domdeck-${shell.port}=guess` })).status).toBe(403)
})

it('changes a token for an HttpOnly, SameSite=Strict cookie, once', async () => {
  const path = `/${new URL(shell.oneTimeUrl()).search}`
  const first = await get(path)
  expect(first.status).toBe(303)
  expect(first.headers.location).toBe('/')
  expect(String(first.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict; Path=\/$/)
  const second = await get(path)
  expect(second.status).toBe(403)
  expect(second.body).toContain('used before')
})

it('serves the page with a strict policy to whom it knows, and only files of its folder', async () => {
  const cookie = await logIn()
  const page = await get('/', { cookie })
  expect(page.status).toBe(200)
  expect(page.body).toContain('<title>Domdeck</title>')
  expect(String(page.headers['content-security-policy'])).toContain("script-src 'self'")
  expect(page.headers['x-content-type-options']).toBe('nosniff')
  for (const path of ['/../package.json', '/%2e%2e/%2e%2e/etc/passwd', '/nothing.js', '/%00.html', '/%zz'])
    expect((await get(path, { cookie })).status).toBe(404)
  expect((await get('/', { cookie }, 'POST')).status).toBe(405)
})

it('answers only to loopback names, so that a rebound DNS name reaches nothing', async () => {
  const cookie = await logIn()
  expect((await get('/', { cookie, host: 'evil.example' })).status).toBe(421)
  expect((await get('/', { cookie, host: `127.0.0.1.evil.example:${shell.port}` })).status).toBe(421)
  // An SSH forward may end on another port.
  expect((await get('/', { cookie, host: 'localhost:9999' })).status).toBe(200)
})

it('opens the duplex only with the cookie and from its own origin, and carries text and bytes both ways', async () => {
  const cookie = await logIn()
  const host = `127.0.0.1:${shell.port}`
  expect(await socket({ origin: `http://${host}` })).toBe(403)
  expect(await socket({ cookie })).toBe(403)
  expect(await socket({ cookie, origin: 'http://evil.example' })).toBe(403)
  expect(await socket({ cookie, origin: 'http://localhost:1' })).toBe(403)
  expect(await socket({ cookie, origin: `http://${host}` }, '/other')).toBe(403)

  const client = (await socket({ cookie, origin: `http://${host}` })) as WebSocket
  const page = pages.at(-1)!
  const atPage: Message[] = []
  const atClient: Message[] = []
  page.onMessage((message) => atPage.push(typeof message === 'string' ? message : Uint8Array.from(message)))
  client.on('message', (data, binary) => atClient.push(binary ? Uint8Array.from(data as Buffer) : String(data)))
  client.send('text é')
  client.send(Buffer.from([0, 255, 7]))
  page.send('answer')
  page.send(new Uint8Array([9, 8]))
  await expect.poll(() => atPage).toEqual(['text é', Uint8Array.from([0, 255, 7])])
  await expect.poll(() => atClient).toEqual(['answer', Uint8Array.from([9, 8])])
  const closed = new Promise<void>((resolve) => page.onClose(resolve))
  client.terminate()
  await closed
})
