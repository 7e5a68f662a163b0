import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseInfo } from '../../src-main/xen/info'
import { parseList } from '../../src-main/xen/list'
import { parseListJson } from '../../src-main/xen/list-json'
import { type SimulatedFleet, type SimulatedHost, startSimulatedFleet } from './server'
import { type Connected, collect, connect, until } from './testing/connect'

const fixtures = join(import.meta.dirname, '../../src-main/xen/fixtures/xen-4.17')

let fleet: SimulatedFleet
let simulated: SimulatedHost
let connected: Connected
beforeEach(async () => {
  fleet = await startSimulatedFleet({ hosts: 1, guests: 16 })
  simulated = fleet.host('sim-1')
  connected = await connect(simulated)
})
afterEach(async () => {
  await connected.close()
  await fleet.stop()
})

async function sh(command: string): Promise<{ stdout: string; stderr: string; exitCode: number }> {
  const { stdout, stderr, exitCode } = await connected.host.run(['sh', '-c', command])
  return { stdout: stdout.toString(), stderr: stderr.toString(), exitCode }
}
const config = (name: string) => join(simulated.description.storageRoot, 'guests', name, 'guest.cfg')
const domid = async (name: string) => (await sh(`xl domid ${name}`)).stdout.trim()
const named = (name: string) => [...connected.host.guests.values()].find((guest) => guest.name === name)

describe('a simulated host', () => {
  it('is a dom0 with guests and bases to the product, and says that it is simulated', () => {
    const { facts, guests, generations } = connected.host
    expect(facts).toMatchObject({ hostname: 'sim-1', system: 'Simulated dom0 (no Xen)', xenVersion: '4.17.7' })
    expect(facts?.bridges).toEqual(['xenbr0', 'xenbr1'])
    expect(facts?.guestTypes).toContain('pvh')
    expect(facts?.missingTools).toEqual([])
    expect(guests.size).toBe(16)
    expect(named('web-01')).toMatchObject({ state: 'running', origin: { mode: 'overlay' } })
    expect(named('api-03')).toMatchObject({ state: 'paused' })
    expect(generations.filter(({ base }) => base === 'debian-12').map(({ generation }) => generation)).toEqual([1, 2, 3])
  })

  it('has been in use for a while: bases imported one after the other, layers written to', () => {
    const { generations, guests } = connected.host
    const dates = generations.filter(({ base }) => base === 'debian-12').map(({ importedAt }) => importedAt)
    expect(dates).toEqual([...dates].sort())
    expect(Math.max(...dates)).toBeLessThan(Date.now())
    const layers = [...guests.values()].flatMap(({ origin }) => (origin?.mode === 'overlay' ? [origin.layerAllocatedBytes] : []))
    expect(Math.min(...layers)).toBeGreaterThan(0)
    expect(new Set(layers).size).toBeGreaterThan(layers.length / 2)
  })

  it('prints what the parsers of the product read, in the headings of the recorded xl', async () => {
    const list = (await sh('xl list -v')).stdout
    expect(list.split('\n')[0]).toBe(readFileSync(join(fixtures, 'xl-list-v.txt'), 'utf8').split('\n')[0])
    const { rows, unread } = parseList(list)
    expect(unread).toEqual([])
    const details = parseListJson((await sh('xl list -l')).stdout)
    expect(details.unread).toEqual([])
    expect(details.domains.map(({ domid, name, memoryMb }) => ({ domid, name, memoryMb })).slice(1)).toEqual(
      rows.map(({ domid, name, memoryMb }) => ({ domid, name, memoryMb })).slice(1),
    )
    expect(parseInfo((await sh('xl info')).stdout)).toMatchObject({ hostname: 'sim-1' })
  })

  it('refuses in the words and with the exit codes of xl 4.17', async () => {
    expect(await sh(`xl create -q ${config('web-01')}`)).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('Domain with name "web-01" already exists.'),
    })
    expect(await sh('xl shutdown nosuch')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'nosuch is an invalid domain identifier (rc=-6)\n',
    })
    const change = (edit: string) =>
      sh(`sed -e 's/^name .*/name = "new"/' -e '${edit}' ${config('web-01')} >new.cfg && xl create -q new.cfg`)
    const refusals: [edit: string, exitCode: number, words: string][] = [
      [
        's|target=[^ ,]*/layer.img|target=/nowhere.img|',
        3,
        'Disk vdev=xvdb failed to stat: /nowhere.img: No such file or directory',
      ],
      ['s/bridge=[a-z0-9]*/bridge=nobr9/', 3, 'script: Could not find bridge device nobr9'],
      ['s/^memory .*/memory = 9999999/', 3, 'xc_dom_boot_mem_init failed: Cannot allocate memory'],
      ['s|^kernel .*|kernel = "/nowhere"|', 3, "failed to open file '/nowhere': No such file or directory"],
      ['s/^memory .*/memory =/', 1, 'config parsing error near <newline>: syntax error'],
    ]
    for (const [edit, exitCode, words] of refusals) {
      expect(await change(edit)).toMatchObject({ exitCode, stderr: expect.stringContaining(words) })
    }
    expect((await sh('xl list new')).exitCode).toBe(1)
  })

  it('shows at once in the product what somebody does with xl by hand', async () => {
    await simulated.run(['xl', 'destroy', 'web-01'])
    await until(() => named('web-01')?.state === 'halted')
    await simulated.run(['xl', 'create', '-q', config('web-01')])
    await until(() => named('web-01')?.state === 'running')
    await simulated.addForeignGuest({ name: 'stranger' })
    await until(() => named('stranger')?.state === 'running')
    await simulated.crashGuest('stranger')
    await until(() => named('stranger')?.state === 'crashed')
  })

  it('gives a rebooted guest a new domid and the same UUID', async () => {
    const before = { domid: await domid('web-01'), id: named('web-01')?.id }
    await sh('xl reboot web-01')
    await until(async () => !['', before.domid].includes(await domid('web-01')))
    await until(() => ![undefined, Number(before.domid)].includes(named('web-01')?.domid))
    expect(named('web-01')?.id).toBe(before.id)
  })

  it('keeps its state whole under many writers', async () => {
    const guests = ['web-01', 'web-02', 'api-01', 'cache-01']
    await Promise.all(guests.map((name) => sh(`xl destroy ${name}`)))
    await Promise.all(guests.map((name) => sh(`xl create -q ${config(name)}`)))
    const { rows } = parseList((await sh('xl list -v')).stdout)
    expect(guests.every((name) => rows.some((row) => row.name === name))).toBe(true)
    expect(new Set(rows.map((row) => row.domid)).size).toBe(rows.length)
  })

  it('keeps one read-only loop device a base and gives back those of a guest', async () => {
    const devices = (file: string) => sh(`losetup -n -O NAME,RO -j ${file}`)
    const base = join(simulated.description.storageRoot, 'bases/debian-12/1/root.img')
    expect((await devices(base)).stdout).toMatch(/^\/\S+\/dev\/loop\d+ 1\n$/)
    const layer = join(simulated.description.storageRoot, 'guests/web-01/layer.img')
    expect((await devices(layer)).stdout).toMatch(/ 0\n$/)
    await sh('xl destroy web-01')
    expect((await devices(layer)).stdout).toBe('')
    const listed = JSON.parse((await sh('losetup --json -l')).stdout)
    expect(listed.loopdevices[0]).toEqual({
      name: expect.stringMatching(/loop0$/),
      sizelimit: 0,
      offset: 0,
      autoclear: false,
      ro: true,
      'back-file': base,
      dio: false,
      'log-sec': 512,
    })
  })
})

describe('a console', () => {
  const attach = async (name: string) => {
    const wire = await connected.host.stream(['xenconsole', '--interactive', await domid(name)])
    return { wire, ...collect(wire) }
  }
  const logIn = async (name: string) => {
    const open = await attach(name)
    await until(() => open.text().includes(`${name} login: `))
    open.wire.write('root\r')
    await until(() => open.text().endsWith('Password: '))
    open.wire.write('any\r')
    await until(() => open.text().endsWith(':~# '))
    const type = async (line: string) => {
      const from = open.text().length
      open.wire.write(`${line}\r`)
      await until(() => open.text().slice(from).endsWith(':~# '))
      return open.text().slice(from).split('\r\n').slice(1, -1).join('\n')
    }
    return { ...open, type }
  }

  it('shows the boot that nobody watched, then takes a login and commands', async () => {
    const { text, type } = await logIn('web-01')
    expect(text()).toContain('systemd[1]: Hostname set to <web-01>.')
    expect(text()).toContain('simulated')
    expect(await type('hostname')).toBe('web-01')
    expect(await type('findmnt -no FSTYPE /')).toBe('overlay')
  })

  it('has one reader; a second one is told so as xenconsole does, and gets in when the first has left', async () => {
    const first = await attach('web-01')
    await until(() => first.text().includes('login: '))
    const second = await attach('web-01')
    expect(await second.exitCode()).toBe(11)
    const lock = `/var/lock/xenconsole.${await domid('web-01')}`
    expect(second.errors()).toBe(`xenconsole: Could not lock ${lock}: Resource temporarily unavailable\r\n`)
    first.wire.close()
    await until(async () => (await sh(`flock -n "$DOMDECK_XEN_LOCK"/xenconsole.${await domid('web-01')} true`)).exitCode === 0)
    const third = await attach('web-01')
    third.wire.write('\r')
    await until(() => third.text().includes('web-01 login: '))
  })

  it('keeps files over a reboot in an overlay guest; a throwaway guest forgets', async () => {
    for (const [name, kept] of [
      ['web-01', 'still here'],
      ['worker-01', 'cat: /note: No such file or directory'],
    ] as const) {
      const before = await logIn(name)
      const old = await domid(name)
      await before.type('echo still here > /note')
      before.wire.write('reboot\r')
      expect(await before.exitCode()).toBe(0)
      await until(async () => !['', old].includes(await domid(name)))
      expect(await (await logIn(name)).type('cat /note')).toBe(kept)
    }
  })

  it('stands still while its reader does not read, and loses nothing', async () => {
    const { wire, text } = await logIn('web-01')
    wire.pause()
    wire.write('flood 5000000\r')
    // Another guest of the same host is not held up by it.
    expect(await (await logIn('web-02')).type('hostname')).toBe('web-02')
    wire.resume()
    await until(() => text().length > 4_900_000 && text().endsWith(':~# '))
    const flood = text()
      .split('\r\n')
      .filter((line) => line.startsWith('0123456789abcdef'))
    expect(new Set(flood).size).toBe(1)
  })

  it('ends with its domain', async () => {
    const open = await attach('web-01')
    await until(() => open.text() !== '')
    await simulated.run(['xl', 'destroy', 'web-01'])
    expect(await open.exitCode()).toBe(0)
  })
})

describe('a fault', () => {
  const lost = () => until(() => connected.host.connection.phase !== 'ready')

  it('cuts the link, and the host can be reached again', async () => {
    simulated.cut()
    await lost()
    await until(() => connected.host.connection.phase === 'ready')
  })

  it('stalls everything until it is switched off', async () => {
    simulated.stall(true)
    let answered = false
    const asked = sh('echo through').then((answer) => {
      answered = true
      return answer.stdout
    })
    // The same and more, done ten times at the host's own keyboard, is far more time than the answer needs.
    for (let times = 0; times < 10; times += 1) await simulated.run(['sh', '-c', 'xl list; echo through'])
    expect(answered).toBe(false)
    simulated.stall(false)
    expect(await asked).toBe('through\n')
  })

  it('begins every command late', async () => {
    simulated.slow(1000)
    const ended: string[] = []
    const late = sh('true').then(() => ended.push('by SSH'))
    await simulated.run(['true']).then(() => ended.push('at the keyboard'))
    await late
    expect(ended).toEqual(['at the keyboard', 'by SSH'])
  })

  it('refuses sessions', async () => {
    simulated.refuseSessions(50)
    await expect(sh('true')).rejects.toMatchObject({ problem: { code: 'SESSION_REFUSED' } })
    simulated.refuseSessions(0)
    expect((await sh('true')).exitCode).toBe(0)
  })

  it('shows another host key, which stops the product', async () => {
    simulated.changeHostKey()
    await until(() => connected.host.connection.phase === 'blocked')
    expect(connected.host.connection).toMatchObject({ problem: { code: 'HOST_KEY_CHANGED' } })
  })

  it('cuts the power: domains and processes are gone, files stay, the boot is another', async () => {
    const bootId = connected.host.facts?.bootId
    await sh('setsid sh -c "sleep 300" </dev/null >/dev/null 2>&1 & echo $! >sleeper')
    await simulated.powerCut()
    await lost()
    const sleeper = readFileSync(join(simulated.folder, 'home/sleeper'), 'utf8').trim()
    // Where nobody reaps it, its number stays; what it ran is gone.
    expect(environmentOf(sleeper)).toBe('')
    await simulated.powerOn()
    await until(() => connected.host.connection.phase === 'ready' && named('web-01')?.state === 'halted')
    expect(connected.host.facts?.bootId).not.toBe(bootId)
    expect(existsSync(config('web-01'))).toBe(true)
  })
})

describe('a fleet', () => {
  it('keeps its key to itself and leaves nothing behind', async () => {
    const { keyPath } = simulated.description
    expect(statSync(keyPath).mode & 0o777).toBe(0o600)
    await fleet.stop()
    expect(existsSync(join(keyPath, '..'))).toBe(false)
    expect(processesOf(simulated.folder)).toEqual([])
  })

  it('of ten hosts with 200 guests each needs no process for any of them', async () => {
    const large = await startSimulatedFleet({ hosts: 10, guests: 200 })
    try {
      const lists = await Promise.all(large.hosts.map((host) => host.run(['xl', 'list', '-v'])))
      for (const { stdout } of lists) expect(parseList(stdout).rows.length).toBeGreaterThan(150)
      expect(processesOf(dirname(large.host('sim-1').folder))).toEqual([])
    } finally {
      await large.stop()
    }
  })

  it('is the same for the same seed and another for another', async () => {
    const namesOf = async (seed: number) => {
      const other = await startSimulatedFleet({ hosts: 1, guests: 5, seed })
      const list = (await other.host('sim-1').run(['xl', 'list', '-v'])).stdout
      await other.stop()
      return parseList(list).rows.map((row) => row.uuid)
    }
    const first = await namesOf(7)
    expect(await namesOf(7)).toEqual(first)
    expect(await namesOf(8)).not.toEqual(first)
  })
})

/** Processes of the pretend hosts in a folder. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && environmentOf(pid).includes(folder))
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}
