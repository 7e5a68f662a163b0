import { readFileSync } from 'node:fs'
import { appendFile, chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import xenstoreWatch from './xenstore-watch.sh?raw'
import xl from './xl.sh?raw'

export type StubDomain = { domid: number; name: string; uuid: string; state?: string; memoryMb?: number; seconds?: number }

/** A folder that makes a plain machine look like a dom0 to whoever has `environment`: stub tools, and files to put guests in. */
export type StubDom0 = {
  folder: string
  storageRoot: string
  etcXen: string
  environment: { PATH: string; STUB_DOM0: string; DOMDECK_ETC_XEN: string; DOMDECK_RUN: string; DOMDECK_ROOT?: string }
  /** Puts one more stub tool on the PATH. */
  program(name: string, text: string): Promise<void>
  /** The domains that xl lists from now on, besides Domain-0. No event is fired. */
  setDomains(domains: readonly StubDomain[]): Promise<void>
  /** Fires a watch. */
  fire(event?: '@introduceDomain' | '@releaseDomain'): Promise<void>
  /** Writes a file and the folders above it; a relative path is below the storage root. */
  write(path: string, text: string): Promise<void>
  /** Arguments of each xl so far. */
  calls(): Promise<string[]>
  /** The process of the last xenstore-watch that was started. */
  watchPid(): Promise<number>
  remove(): Promise<void>
}

export const uuidOf = (number: number) => `${String(number).padStart(8, '0')}-1111-4111-8111-111111111111`

/** As xl prints it (fixtures of Xen 4.17). */
export function listText(domains: readonly StubDomain[]): string {
  const head = `${'Name'.padEnd(40)}    ID   Mem VCPUs\tState\tTime(s)   UUID                            Reason-Code\tSecurity Label`
  const all = [{ domid: 0, name: 'Domain-0', uuid: '00000000-0000-0000-0000-000000000000', memoryMb: 1024 }, ...domains]
  const rows = all.map(({ domid, name, uuid, state = 'r-----', memoryMb = 24, seconds = 1 }: StubDomain) => {
    const numbers = `${String(domid).padStart(5)} ${String(memoryMb).padStart(5)} ${'1'.padStart(5)}`
    return `${name.padEnd(40)} ${numbers}     ${state}  ${seconds.toFixed(1).padStart(8)} ${uuid}        -                -`
  })
  return `${[head, ...rows].join('\n')}\n`
}

/** One domain as `xl list -l` prints it, in a list. */
export function listJson(domains: readonly StubDomain[]): string {
  const items = domains.map(({ domid, name, uuid, memoryMb = 24 }) => ({
    domid,
    config: {
      c_info: { type: 'pv', name, uuid },
      b_info: { max_vcpus: 1, target_memkb: memoryMb * 1024, kernel: '/srv/guest/tinylinux', 'type.pv': {} },
      disks: [{ pdev_path: `/srv/${domid}.img`, vdev: 'xvda', readwrite: 1 }],
      nics: [{ mac: '00:16:3e:00:00:01', bridge: 'xenbr0' }],
    },
  }))
  return `${JSON.stringify(items, undefined, 4)}\n`
}

const recordedInfo = readFileSync(new URL('../../xen/fixtures/xen-4.17/xl-info.txt', import.meta.url), 'utf8')

export async function makeStubDom0(): Promise<StubDom0> {
  const folder = await mkdtemp(join(tmpdir(), 'domdeck-dom0-'))
  const storageRoot = join(folder, 'storage')
  const etcXen = join(folder, 'etc-xen')
  const bin = join(folder, 'bin')
  const program = async (name: string, text: string) => {
    await writeFile(join(bin, name), text)
    await chmod(join(bin, name), 0o755)
  }
  await Promise.all([bin, storageRoot, etcXen].map((path) => mkdir(path)))
  await program('xl', xl)
  await program('xenstore-watch', xenstoreWatch)
  await writeFile(join(folder, 'info.txt'), recordedInfo)
  await writeFile(join(folder, 'events'), '')
  await writeFile(join(folder, 'calls'), '')
  const put = async (name: string, text: string) => {
    // By rename, so that no xl reads half a list.
    await writeFile(join(folder, 'new'), text)
    await rename(join(folder, 'new'), join(folder, name))
  }
  const setDomains = async (domains: readonly StubDomain[]) => {
    for (const domain of domains) await put(`list-l-${domain.domid}.json`, listJson([domain]))
    await put('list-l.json', listJson(domains))
    await put('list-v.txt', listText(domains))
  }
  await setDomains([])
  return {
    folder,
    storageRoot,
    etcXen,
    environment: { PATH: `${bin}:/usr/bin:/bin`, STUB_DOM0: folder, DOMDECK_ETC_XEN: etcXen, DOMDECK_RUN: join(folder, 'run') },
    program,
    setDomains,
    fire: (event = '@introduceDomain') => appendFile(join(folder, 'events'), `${event}\n`),
    async write(path, text) {
      const whole = path.startsWith('/') ? path : join(storageRoot, path)
      await mkdir(dirname(whole), { recursive: true })
      await writeFile(whole, text)
    },
    calls: async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n'),
    watchPid: async () => Number(await readFile(join(folder, 'watch.pid'), 'utf8')),
    // What a closed channel had started may still be writing there.
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }),
  }
}
