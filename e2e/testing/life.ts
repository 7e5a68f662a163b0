import { test as base } from '@playwright/test'
import { type App, startApp } from './app'
import { type Fleet, startFleet } from './fleet'
import { row } from './screen'

/**
 * A `test` with one fleet of pretend hosts and one app that manages them, from the first test of a file to its last; `page`
 * is the app's. Such tests run in order, each on what the ones before left: say so with `test.describe.configure`.
 */
export function testOnFleet(size: { hosts: number; guests: number }) {
  return base
    .extend<object, { fleet: Fleet; app: App }>({
      fleet: [
        // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
        async ({}, use) => {
          const fleet = await startFleet(size)
          await use(fleet)
          await fleet.stop()
        },
        { scope: 'worker' },
      ],
      app: [
        async ({ fleet }, use) => {
          const app = await startApp({ hosts: fleet.hosts })
          await row(app.page, 'web-01').first().waitFor()
          await use(app)
          await app.close()
        },
        { scope: 'worker' },
      ],
    })
    .extend({ page: ({ app }, use) => use(app.page) })
}
