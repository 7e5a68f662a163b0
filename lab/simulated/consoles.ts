import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, type FSWatcher, readFileSync, watch, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createGuestConsole, type GuestConsole } from './guest-console'
import type { GuestSelf } from './guest-shell'

/** Where the xenconsole stub finds the consoles of all pretend guests. */
export type Consoles = {
  readonly port: number
  /** Whoever connects must say it, so that another user of this machine cannot type into a guest. */
  readonly token: string
  addHost(host: ConsoleHost): void
  /** Ends every console of a host. */
  endHost(name: string): void
  close(): Promise<void>
}

type ConsoleHost = {
  name: string
  folder: string
  /** Path of control.sh. */
  controlScript: string
  run(argv: readonly [string, ...string[]]): Promise<unknown>
}

type Domain = { domid: number; name: string; uuid: string; memoryMb: number; vcpus: number; state: string; startedAt: number }

/**
 * Serves the consoles of a fleet on one port of 127.0.0.1. A console is made when somebody attaches to it for the first
 * time, so a guest that nobody looks at costs nothing; it lives until its domain is gone.
 */
export async function startConsoles(): Promise<Consoles> {
  const token = randomBytes(16).toString('hex')
  const hosts = new Map<string, { host: ConsoleHost; consoles: Map<number, GuestConsole>; watcher?: FSWatcher }>()

  function consoleOf(hostName: string, domid: number): GuestConsole | undefined {
    const entry = hosts.get(hostName)
    if (!entry) return undefined
    const existing = entry.consoles.get(domid)
    if (existing) return existing
    const domain = readDomains(entry.host.folder).find((candidate) => candidate.domid === domid)
    if (!domain) return undefined
    const made = createGuestConsole(selfOf(entry.host.folder, domain), (how) => {
      const act = how === 'reboot' ? 'rebooted' : 'stopped'
      // The guest has stopped by itself; what xl's daemon would do then.
      void entry.host.run(['sh', entry.host.controlScript, act, String(domid)])
    })
    if (domain.state === 'crashed') made.panic()
    entry.consoles.set(domid, made)
    // Watched only while there is a console to end.
    entry.watcher ??= watch(join(entry.host.folder, 'xen'), (_event, file) => {
      if (file === 'domains') settle(entry)
    })
    return made
  }

  function settle(entry: { host: ConsoleHost; consoles: Map<number, GuestConsole> }): void {
    const states = new Map(readDomains(entry.host.folder).map((domain) => [domain.domid, domain.state]))
    for (const [domid, console] of entry.consoles) {
      const state = states.get(domid)
      if (state === 'crashed') console.panic()
      if (state !== undefined) continue
      console.end(askedTo(entry.host.folder, domid))
      entry.consoles.delete(domid)
    }
  }

  function greet(socket: Socket): void {
    let head = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', function first(bytes) {
      head = Buffer.concat([head, Buffer.from(bytes)])
      const end = head.indexOf('\n')
      if (end < 0 && head.length < 200) return
      socket.off('data', first)
      const [said, hostName = '', domid] = head.subarray(0, Math.max(end, 0)).toString().split(' ')
      const console = said === token ? consoleOf(hostName, Number(domid)) : undefined
      if (!console) {
        socket.destroy()
        return
      }
      console.attach(socket)
      const rest = head.subarray(end + 1)
      if (rest.length > 0) socket.emit('data', rest)
    })
  }

  const server = createServer({ noDelay: true }, greet)
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })

  const endHost = (name: string) => {
    const entry = hosts.get(name)
    if (!entry) return
    entry.watcher?.close()
    delete entry.watcher
    for (const console of entry.consoles.values()) console.end()
    entry.consoles.clear()
  }
  return {
    port: (server.address() as AddressInfo).port,
    token,
    addHost: (host) => {
      hosts.set(host.name, { host, consoles: new Map() })
    },
    endHost,
    async close() {
      for (const name of hosts.keys()) endHost(name)
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Whether a domain that is gone had been asked to go; the xl stub notes it. */
function askedTo(folder: string, domid: number): 'reboot' | 'poweroff' | undefined {
  const note = join(folder, 'xen/stopping', String(domid))
  if (!existsSync(note)) return undefined
  return readFileSync(note, 'utf8').startsWith('rebooted') ? 'reboot' : 'poweroff'
}

function readDomains(folder: string): Domain[] {
  return readFileSync(join(folder, 'xen/domains'), 'utf8')
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => {
      const [domid, name = '', uuid = '', memoryKb, vcpus, state = '', , startedAt] = row.split('\t')
      return {
        domid: Number(domid),
        name,
        uuid,
        memoryMb: Math.round(Number(memoryKb) / 1024),
        vcpus: Number(vcpus),
        state,
        startedAt: Number(startedAt),
      }
    })
}

function selfOf(folder: string, domain: Domain): GuestSelf {
  const config = readFileSync(join(folder, 'xen/cfg', String(domain.domid)), 'utf8')
  const layer = /domdeck\.layer=([^\s"]+)/.exec(config)?.[1]
  const file = join(folder, 'layers', `${domain.uuid}.json`)
  const files = new Map<string, string>(layer === 'tmpfs' ? [] : readLayer(file))
  const machineUptime = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
  return {
    ...domain,
    kernel: '6.1.0-56-amd64',
    rootFileSystem: layer === undefined ? 'ext4' : 'overlay',
    upSeconds: () => machineUptime() - domain.startedAt,
    files,
    ...(keepsLogs(folder)
      ? { log: (text: string) => appendFileSync(join(folder, 'root/var/log/xen/console', `guest-${domain.name}.log`), text) }
      : {}),
    saveFiles() {
      if (layer !== 'tmpfs') writeFileSync(file, JSON.stringify([...files]))
    },
  }
}

/** Whether xenconsoled was started with `--log=guest`, as Debian has it. */
function keepsLogs(folder: string): boolean {
  const file = join(folder, 'root/etc/default/xen')
  return existsSync(file) && /^XENCONSOLED_ARGS=.*--log=guest/m.test(readFileSync(file, 'utf8'))
}

function readLayer(file: string): [string, string][] {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return []
  }
}
