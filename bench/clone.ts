import { ulid } from 'ulid'
import type { Host } from '../src-main/host/host'
import { planCall } from '../src-main/jobs/define'
import { render } from '../src-main/jobs/render'
import { operations } from '../src-main/operations'
import type { Bench } from './bench'
import { cloneInput } from './clone-input'
import { type Figure, median, seconds } from './figures'

const many = 16
const lots = 64
/** A folder of the benches on dom0, beside the storage root so that both are on one file system. */
const folder = '/srv/domdeck-bench'

/** Making overlay clones, all but `xl create`, against copying the base as it was done before. */
export const clone: Bench = {
  name: 'clone',
  title: 'an overlay clone without xl create, against a full copy of the base with the same edits',
  async run(stage) {
    const { host, base } = await stage.debian()
    const dom0 = onDom0(host)
    await dom0(`mkdir -p ${folder}/bin ${folder}/mnt`)
    // The product's scripts run unchanged; only this xl makes no domain.
    await host.run(['tee', `${folder}/bin/xl`], {
      stdin: `#!/bin/sh\n[ "$1" = create ] || exec "$(PATH=/usr/sbin:/usr/bin command -v xl)" "$@"\n`,
    })
    await dom0(`chmod 755 ${folder}/bin/xl`)
    try {
      const image = `${host.settings.storageRoot}/bases/${base}/1/root.img`
      const first = await makeClones(host, base, 1)
      stage.say(`the first clone of this size, with its template: ${seconds(first.seconds)}`)
      const copies: number[] = []
      const cached: number[] = []
      const ones: number[] = []
      const manies: number[] = []
      const jobs: number[] = []
      const loops: number[] = []
      let mostBytes = 0
      for (let round = 0; round < 3; round++) {
        // Nothing of the image is in dom0's memory: a base of some size never is. The second copy has it there.
        await dom0(`dd if=${image} iflag=nocache count=0 status=none`)
        copies.push(await makeCopy(host, image))
        cached.push(await makeCopy(host, image))
        for (const [count, times] of [
          [1, ones],
          [many, manies],
        ] as const) {
          const made = await makeClones(host, base, count)
          times.push(made.seconds / count)
          mostBytes = Math.max(mostBytes, made.mostBytes)
        }
        loops.push(await makeLayers(host, lots))
        const made = await makeClones(host, base, lots)
        jobs.push(made.seconds)
        mostBytes = Math.max(mostBytes, made.mostBytes)
        stage.say(
          `copy ${seconds(copies.at(-1) ?? 0)}, cached ${seconds(cached.at(-1) ?? 0)}, clone ${seconds(ones.at(-1) ?? 0)}, of ${many} ${seconds(manies.at(-1) ?? 0)} each, ${lots} ${seconds(jobs.at(-1) ?? 0)}, a loop of ${lots} layers ${seconds(loops.at(-1) ?? 0)}`,
        )
      }
      const [size = 0, blocks = 0] = (await dom0(`stat -c '%s %b' ${image}`)).split(' ').map(Number)
      return figures({ copies, cached, ones, manies, jobs, loops, mostBytes, size, onDisk: blocks * 512, first: first.seconds })
    } finally {
      await dom0(`rm -rf ${folder}`)
    }
  },
}

type Measured = {
  copies: number[]
  cached: number[]
  ones: number[]
  manies: number[]
  jobs: number[]
  loops: number[]
  mostBytes: number
  size: number
  onDisk: number
  first: number
}

function figures({ copies, cached, ones, manies, jobs, loops, mostBytes, size, onDisk, first }: Measured): Figure[] {
  const mb = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`
  const against = `${seconds(median(copies))}, cp of ${mb(size)} (${mb(onDisk)} on disk) and edits`
  const how =
    'the job script of the product, run on dom0 with an `xl` whose `create` does nothing (and less what that costs), with all its checks, undo lines and ' +
    `syncs; against \`cp\` of the base's image, loop mount, new hostname and machine-id, unmount, without a sync at the end. The image is read from disk; from memory that takes ${seconds(median(cached))}. Median of ${copies.length}, taken in turns`
  return [
    {
      title: 'One overlay clone',
      measured: seconds(median(ones)),
      against,
      value: median(copies) / median(ones),
      unit: '×',
      target: { atLeast: 15 },
      how: `${how}. The first clone with a layer of a size also makes the template of that size: ${seconds(first)}.`,
    },
    {
      title: `One of ${many} overlay clones in a job`,
      measured: seconds(median(manies)),
      against,
      value: median(copies) / median(manies),
      unit: '×',
      target: { atLeast: 40 },
      how: `the same, a ${many}th of the time of the job.`,
    },
    {
      title: `${lots} overlay clones in a job`,
      measured: seconds(median(jobs)),
      against: `${seconds(median(loops))}, a bare loop of ${lots} sparse copies of an empty layer`,
      value: median(jobs) / median(loops),
      unit: '×',
      target: { atMost: 1.5 },
      how: `the same job against \`cp --sparse=always\` of its template, one after the other and with nothing else: no checks, configs, undo or sync. The job makes four copies at a time. Median of ${jobs.length}, taken in turns.`,
    },
    {
      title: 'Bytes on disk for a clone',
      measured: `${(mostBytes / 1e6).toFixed(2)} MB`,
      against: '',
      value: mostBytes / 1e6,
      unit: 'MB',
      target: { atMost: 1.2 },
      how: 'what `du` says of the folder of a guest with a layer of 2048 MB, the most of all clones of this run.',
    },
  ]
}

/** Runs a script in bash on dom0 as root; resolves to what it prints. */
const onDom0 =
  (host: Host) =>
  async (script: string): Promise<string> => {
    const { stdout, stderr, exitCode } = await host.run(['bash', '-c', `set -eu; ${script}`], { timeoutMs: 300_000 })
    if (exitCode !== 0) throw new Error(`On dom0: ${stderr.toString()}`)
    return stdout.toString().trim()
  }

const elapsed = 'echo "$began $EPOCHREALTIME"'
const readElapsed = (text: string): number => {
  const [from, to] = text.split(' ').map(Number)
  return (to ?? Number.NaN) - (from ?? Number.NaN)
}

/** Makes so many clones and removes them; seconds of the whole job, and the most bytes one of them took. */
async function makeClones(host: Host, base: string, count: number): Promise<{ seconds: number; mostBytes: number }> {
  const dom0 = onDom0(host)
  const names = Array.from({ length: count }, (_, at) => `bench-${at + 1}`)
  const plan = planCall(operations, { operation: 'guest.clone', input: cloneInput(base, names) })
  const { standalone } = render(plan, host.settings.storageRoot)
  // As start.sh leaves it: what is measured is the job, not its way to the host.
  const id = ulid()
  const job = `/var/lib/domdeck/jobs/${id}`
  await dom0(`mkdir -p ${job}; echo '{}' >${job}/job.json`)
  await host.run(['tee', `${job}/job.sh`], { stdin: standalone })
  // What was written before is not this job's to sync.
  const times = await dom0(
    `sync; export PATH=${folder}/bin:$PATH DOMDECK_JOB=${id}; began=$EPOCHREALTIME; sh ${job}/job.sh || { cat ${job}/log >&2; exit 1; }; ${elapsed}`,
  )
  // Not ours: starting what stands here for xl.
  const stubs = readElapsed(
    await dom0(`began=$EPOCHREALTIME; for _ in ${names.join(' ')}; do ${folder}/bin/xl create; done; ${elapsed}`),
  )
  const folders = names.map((name) => `${host.settings.storageRoot}/guests/${name}`).join(' ')
  const sizes = await dom0(`du -s --block-size=1 ${folders}; rm -r ${folders}`)
  const mostBytes = Math.max(...sizes.split('\n').map((line) => Number.parseInt(line, 10)))
  return { seconds: readElapsed(times) - stubs, mostBytes }
}

/** Copies the template of a layer so often and nothing more; seconds. */
async function makeLayers(host: Host, count: number): Promise<number> {
  const times = await onDom0(host)(`
    mkdir ${folder}/layers
    sync
    began=$EPOCHREALTIME
    for one in $(seq ${count}); do cp --sparse=always -- ${host.settings.storageRoot}/templates/ext4-2048.img ${folder}/layers/$one.img; done
    ${elapsed}
    rm -r ${folder}/layers`)
  return readElapsed(times)
}

/** Copies the base and edits the copy, as it is done without overlays; seconds. */
async function makeCopy(host: Host, image: string): Promise<number> {
  const times = await onDom0(host)(`
    cd ${folder}
    sync
    began=$EPOCHREALTIME
    cp -- ${image} copy.img
    mount -o loop copy.img mnt
    echo bench-1 >mnt/etc/hostname
    : >mnt/etc/machine-id
    umount mnt
    ${elapsed}
    rm copy.img`)
  return readElapsed(times)
}
