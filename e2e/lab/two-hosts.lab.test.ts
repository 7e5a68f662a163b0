import { setTimeout as elapsed } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestPage, type TestPane } from '../../src-main/consoles/testing/page'
import { planClone } from '../../src-main/guests/plan-clone'
import { planMigrate } from '../../src-main/guests/plan-migrate'
import type { Host } from '../../src-main/host/host'
import type { Guest } from '../../src-shared/models/guest'
import { endedStates, type Job } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import { addLab, connectToLab, jobWhen, type LabDomdeck, ready, succeed as succeedAt, tinyBase, until } from './testing/domdeck'
import { startHeld } from './testing/faults'
import { type Lab, lab, secondLab } from './testing/lab'

// Two dom0s. The second has an address that only the first one reaches (the workstation as a dom0 sees it), and an administrator
// there who is not root and has a password for sudo.
const password = 'Lös "it" $(reboot)'
let near: LabDomdeck
let farLab: Lab
let far: Host

beforeAll(async () => {
  await lab.fresh()
  farLab = await secondLab()
  await farLab.fresh()
  await farLab.sh(`
    useradd -m -s /bin/bash keeper
    printf '%s\\n' 'keeper:${password}' | chpasswd
    echo 'keeper ALL=(ALL) ALL' >/etc/sudoers.d/keeper
    cp -a /root/.ssh /home/keeper/
    chown -R keeper: /home/keeper/.ssh`)
  near = await connectToLab()
  far = await addLab(near.domdeck, { name: 'far', address: '10.0.2.2', user: 'keeper', jump: 'xen-lab' }, farLab)
}, 600_000)
afterAll(async () => {
  await near?.close()
  await farLab?.down()
})

const succeed = (host: Host, call: OperationCall): Promise<Job> => succeedAt({ ...near, host }, call)

async function cloneCall(host: Host, pattern: string, how: { type: 'pv' | 'pvh'; memoryMb: number }): Promise<OperationCall> {
  const settings = { base: 'tiny', generation: 1, mode: 'overlay', layerMb: 32, vcpus: 1, bridge: null, count: 1 } as const
  const { input } = await planClone(host, { ...settings, ...how, pattern }, near.domdeck.takenMacs())
  return { operation: 'guest.clone', input }
}

const small = { type: 'pv', memoryMb: 32 } as const

function guest(host: Host, name: string): Guest {
  const found = [...host.guests.values()].find((one) => one.name === name)
  if (!found) throw new Error(`There is no guest ${name} on ${host.settings.name}.`)
  return found
}

const names = (host: Host): string[] => [...host.guests.values()].map(({ name }) => name).sort()

async function openConsole(host: Host, name: string): Promise<TestPane> {
  const pane = await openTestPage(near.domdeck.consoles).open(host.settings.id, guest(host, name).id)
  await expect.poll(() => pane.status?.state, { timeout: 60_000 }).toBe('attached')
  return pane
}

/** Types a line until its answer comes, for a guest that is still booting drops what is typed. */
async function says(pane: TestPane, line: string, answer: string): Promise<void> {
  await expect
    .poll(
      () => {
        if (!pane.text.includes(answer)) pane.type(`${line}\n`)
        return pane.text
      },
      { timeout: 120_000, interval: 3000 },
    )
    .toContain(answer)
}

it('reaches a host through another one, and becomes root there with a password for sudo that is asked for once', async () => {
  await until(far, () => far.connection.phase === 'asking')
  const { connection } = far
  if (connection.phase !== 'asking') throw new Error(`The host is ${connection.phase}.`)
  expect(connection.question).toMatchObject({ kind: 'sudo', attempt: 1 })
  far.answer(connection.question.id, [password])
  await ready(far)
  expect(far.facts).toMatchObject({ hostname: 'dom0', xenVersion: expect.stringMatching(/^4\.17/) })
  expect((await far.run(['id', '-u'])).stdout.toString()).toBe('0\n')
})

it('does the whole main job there: import, clone, boot, type, shut down, delete', async () => {
  await succeed(far, { operation: 'image.import', input: tinyBase })
  await far.refresh()
  await succeed(far, await cloneCall(far, 'ana', small))
  await until(far, () => guest(far, 'ana').state === 'running')
  const pane = await openConsole(far, 'ana')
  await says(pane, 'echo sum-$((40 + 2))', 'sum-42')
  pane.close()
  const ref = { name: 'ana', uuid: guest(far, 'ana').id }
  await succeed(far, { operation: 'guest.shutdown', input: ref })
  await succeed(far, { operation: 'guest.delete', input: ref })
  expect(await farLab.sh('ls /srv/domdeck/guests')).toBe('')
  // The password went to sudo and nowhere else.
  expect(await farLab.sh(`grep -rlF 'Lös "it"' /var/lib/domdeck /srv/domdeck /run/domdeck /var/log /tmp 2>/dev/null || :`)).toBe(
    '',
  )
})

it('takes a minute in which the host is frozen: nothing is lost and nothing comes twice', async () => {
  await succeed(far, await cloneCall(far, 'ticker', small))
  const pane = await openConsole(far, 'ticker')
  await says(pane, 'echo sum-$((40 + 2))', 'sum-42')
  pane.type('n=0; while [ $n -lt 100000 ]; do echo "tick-$n-"; n=$((n + 1)); usleep 100000; done\n')
  await expect.poll(() => pane.text, { timeout: 30_000 }).toContain('tick-3-')
  // In the middle of its work, but not in that of xl, which measures its time limits by a clock that runs on.
  const started = await startHeld({ ...near, host: far }, await cloneCall(far, 'later', small), 3)

  const { pid } = await farLab.status()
  if (pid === null) throw new Error('The lab does not run.')
  process.kill(pid, 'SIGSTOP')
  try {
    // Long enough for the app to notice: the host is shown as not answering, with what it said last.
    await Promise.all([elapsed(60_000), until(far, () => far.connection.phase !== 'ready')])
    expect(names(far)).toContain('ticker')
    expect(pane.status?.state).toBe('link-lost')
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await ready(far)
  await expect.poll(() => pane.status?.state, { timeout: 60_000 }).toBe('attached')

  await farLab.sh(`: >/var/lib/domdeck/jobs/${started.id}/go`)
  const ended = await jobWhen(near.domdeck, started.id, ({ state }) => endedStates.has(state))
  expect(ended, JSON.stringify(ended.problem)).toMatchObject({ state: 'succeeded' })
  await far.refresh()
  expect(names(far)).toEqual(['later', 'ticker'])
  expect(await farLab.sh('xl list | awk \'NR > 2 { print $1 }\' | sort | tr "\\n" " "')).toBe('later ticker')

  const seen = pane.text.length
  await expect.poll(() => pane.text.slice(seen), { timeout: 60_000 }).toMatch(/tick-\d+-\s+tick-\d+-/)
  const ticks = [...pane.text.matchAll(/tick-(\d+)-/g)].map(([, digits]) => Number(digits))
  expect(ticks).toEqual(ticks.map((_, index) => index))
  pane.close()
})

it('moves a running guest to the other host, over storage that both share', async () => {
  for (const name of names(far)) {
    const ref = { name, uuid: guest(far, name).id }
    await succeed(far, { operation: 'guest.destroy', input: ref })
    await succeed(far, { operation: 'guest.delete', input: ref })
  }
  await shareStorage()
  await succeed(near.host, { operation: 'image.import', input: tinyBase })
  await near.host.refresh()
  // Of a PV guest Debian's Xen cannot tell what it writes meanwhile; the plan refuses it (guest-operations).
  await succeed(near.host, await cloneCall(near.host, 'mover', { type: 'pvh', memoryMb: 96 }))
  const before = await openConsole(near.host, 'mover')
  await says(before, 'sum=$((40 + 2)); echo here >/root/file; echo sum-$sum', 'sum-42')
  before.close()

  const plan = await planMigrate(near.host, far, guest(near.host, 'mover').id)
  expect(plan.checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
  await succeed(near.host, { operation: 'guest.migrate', input: plan.input })
  await Promise.all([near.host.refresh(), far.refresh()])
  expect(guest(far, 'mover').state).toBe('running')
  expect(guest(near.host, 'mover').state).toBe('halted')
  expect(await lab.sh('xl list | grep -c mover || :')).toBe('0')
  // Its memory and its disk came along: the shell has its variable, and the file is where it was.
  const after = await openConsole(far, 'mover')
  await says(after, 'echo still-$sum-$(cat /root/file)', 'still-42-here')
  after.close()
})

/** The first dom0's storage root becomes the second one's, too, by NFS through an SSH tunnel; and root of each logs in on the other. */
async function shareStorage(): Promise<void> {
  const [nearPort, farPort] = [(await lab.status()).port, (await farLab.status()).port]
  const makeKey = `[ -f /root/.ssh/id_ed25519 ] || ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519; cat /root/.ssh/id_ed25519.pub`
  const [nearKey, farKey] = [await lab.sh(makeKey), await farLab.sh(makeKey)]
  const admit = (key: string, port: number) => `
    echo '${key}' >>/root/.ssh/authorized_keys
    ssh-keyscan -p ${port} 10.0.2.2 >/root/.ssh/known_hosts 2>/dev/null`
  await lab.sh(admit(farKey, farPort))
  await farLab.sh(admit(nearKey, nearPort))
  await lab.sh(`
    mkdir -p /srv/domdeck
    echo '/srv/domdeck 127.0.0.1(rw,no_root_squash,insecure,no_subtree_check)' >/etc/exports
    systemctl start nfs-server`)
  await farLab.sh(`
    mkdir -p /srv/domdeck
    ssh -fN -L 2049:127.0.0.1:2049 -p ${nearPort} root@10.0.2.2 >/dev/null 2>&1
    mount -t nfs4 -o port=2049,actimeo=1,lookupcache=positive 127.0.0.1:/srv/domdeck /srv/domdeck`)
}
