import type { Page } from '@playwright/test'
import { ready } from '../e2e/lab/testing/domdeck'
import { lab } from '../e2e/lab/testing/lab'
import { openApp, watching } from './app'
import type { Bench, Stage } from './bench'
import { openDom0Shell } from './dom0-shell'
import { type Figure, median, milliseconds, quantile, seconds } from './figures'
import { startFleet } from './fleet'
import { whenGuest } from './in-page'

const simulatedRounds = 15
const labRounds = 8

/** From `xl` run outside the app to the page, with the simulated fleet. */
export const simulatedChange: Bench = {
  name: 'change-simulated',
  title: 'a domain change on a simulated host, to the page',
  async run(stage) {
    const fleet = await startFleet({ hosts: 2, guests: 20 })
    try {
      const app = await openApp(fleet.hosts)
      try {
        const made: number[] = []
        const destroyed: number[] = []
        for (let round = 1; round <= simulatedRounds; round++) {
          // Its name puts it where the tree shows it.
          const name = `api-9${round}`
          for (const [is, times] of [
            ['alive', made],
            ['gone', destroyed],
          ] as const) {
            let began = 0
            const seen = await watching(app.page, whenGuest, { name, is }, () => {
              began = Date.now()
              return is === 'alive'
                ? fleet.act({ op: 'addForeignGuest', host: 'sim-1', name })
                : fleet.act({ op: 'run', host: 'sim-1', argv: ['xl', 'destroy', name] })
            })
            times.push(seen - began)
          }
        }
        const all = [...made, ...destroyed]
        stage.say(`made: ${milliseconds(median(made))}; destroyed: ${milliseconds(median(destroyed))}`)
        return [
          {
            title: 'Domain change to the page, simulated',
            measured: `${milliseconds(median(all))} (worst ${milliseconds(quantile(all, 1))})`,
            against: '',
            value: median(all),
            unit: 'ms',
            target: { below: 300 },
            how:
              `\`xl create\` and \`xl destroy\` run on a simulated host outside the app, ${simulatedRounds} of each; from the start of the ` +
              'command to the row of the guest in the page. Median.',
          },
        ]
      } finally {
        await app.close()
      }
    } finally {
      await fleet.stop()
    }
  },
}

/** The same in the lab: from the moment xenstore on dom0 tells of it. */
export const labChange: Bench = {
  name: 'change-lab',
  title: 'a domain change on a real Xen host, to the page',
  async run(stage): Promise<Figure[]> {
    const { host } = await stage.lab()
    // Its looks at dom0 would be a second Domdeck's.
    host.disconnect()
    const { port, keyPath, hostKey } = await lab.host()
    const app = await openApp([
      {
        name: 'xen-lab',
        address: '127.0.0.1',
        port,
        user: 'root',
        keyPath,
        hostKeyLine: `[127.0.0.1]:${port} ssh-ed25519 ${hostKey.toString('base64')}`,
        storageRoot: '/srv/domdeck',
      },
    ])
    try {
      const { toPage, fromCommand } = await measureLab(stage, app.page)
      return [
        {
          title: 'Domain change to the page, lab',
          measured: `${milliseconds(median(toPage))} (worst ${milliseconds(quantile(toPage, 1))})`,
          against: '',
          value: median(toPage),
          unit: 'ms',
          target: { below: 1000 },
          how:
            `${labRounds} small guests ended with \`xl destroy\` on dom0; from the moment xenstore on dom0 tells of it to the row gone ` +
            `from the page, dom0's clock compared to ours before each. From the start of the command it is ${seconds(median(fromCommand) / 1000)}. Median.`,
        },
      ]
    } finally {
      await app.close()
      host.connect()
      await ready(host)
    }
  },
}

async function measureLab(stage: Stage, page: Page) {
  const dom0 = await openDom0Shell()
  const names = Array.from({ length: labRounds }, (_, at) => `bench-${at + 1}`)
  const toPage: number[] = []
  const fromCommand: number[] = []
  try {
    stage.say(`starting ${labRounds} small guests`)
    for (const name of names) {
      await dom0.run(
        `printf '%s\\n' 'name = "${name}"' 'type = "pv"' 'memory = 24' 'kernel = "/srv/guest/tinylinux"' ` +
          `'ramdisk = "/srv/guest/tiny.cpio.gz"' 'extra = "console=hvc0 quiet"' >/tmp/${name}.cfg; xl create -q /tmp/${name}.cfg`,
      )
    }
    for (const name of names) {
      await watching(page, whenGuest, { name, is: 'alive' }, async () => undefined)
      const aheadMs = await dom0.clockAheadMs()
      let began = 0
      let released = 0
      const seen = await watching(page, whenGuest, { name, is: 'gone' }, async () => {
        began = Date.now()
        released = await dom0.whenReleased(`xl destroy ${name}`)
      })
      toPage.push(seen - (released - aheadMs))
      fromCommand.push(seen - began)
      stage.say(`${name}: ${milliseconds(toPage.at(-1) ?? 0)}, from the command ${milliseconds(fromCommand.at(-1) ?? 0)}`)
    }
  } finally {
    dom0.close()
  }
  return { toPage, fromCommand }
}
