import { expect, test as lone, type Page } from '@playwright/test'
import { startApp } from '../testing/app'
import { testOnFleet } from '../testing/life'
import { inspector, pane, retry, row } from '../testing/screen'

const test = testOnFleet({ hosts: 1, guests: 20 })

test.describe('the fleet tree', () => {
  test.describe.configure({ mode: 'serial' })
  const tree = (page: Page) => page.getByRole('tree', { name: 'Fleet' })
  const filter = (page: Page) => page.getByRole('combobox', { name: /Filter the fleet/ })
  const guests = (page: Page) => tree(page).getByRole('treeitem', { level: 2 })

  test('follows what is done on the host by hand', async ({ fleet, page }) => {
    await page.evaluate(() => Object.assign(window, { sameDocument: true }))
    await expect(row(page, 'web-02').getByRole('img', { name: 'running' })).toBeVisible()
    await fleet.run(['xl', 'destroy', 'web-02'])
    await expect(row(page, 'web-02')).toContainText('halted')
    await fleet.run(['xl', 'pause', 'web-01'])
    await expect(row(page, 'web-01')).toContainText('paused')
    await fleet.run(['xl', 'unpause', 'web-01'])
    await expect(row(page, 'web-01').getByRole('img', { name: 'running' })).toBeVisible()
    await fleet.act('crashGuest', { name: 'web-04' })
    await expect(row(page, 'web-04')).toContainText('crashed')
    await fleet.act('addForeignGuest', { name: 'visitor' })
    await expect(row(page, 'visitor').getByRole('img', { name: 'running' })).toBeVisible()
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true)
  })

  test('is filtered by name, state and base', async ({ page }) => {
    await filter(page).fill('api')
    await expect(guests(page)).toHaveCount(4)
    await filter(page).fill('state:crashed')
    await expect(row(page, 'web-04')).toBeVisible()
    for (const one of await guests(page).all()) await expect(one).toContainText('crashed')
    await filter(page).fill('base:debian-12 web')
    await expect(guests(page)).toHaveCount(4)
    await filter(page).fill('base:debian-12 db')
    await expect(page.getByText('No host or guest matches.')).toBeVisible()
    await page.getByRole('button', { name: 'Clear the filter' }).last().click()
    await expect(guests(page)).not.toHaveCount(0)
    await expect(filter(page)).toHaveValue('')
  })

  test('is used by keyboard alone', async ({ page }) => {
    await page.locator('body').click({ position: { x: 700, y: 500 } })
    await page.keyboard.press('/')
    await expect(filter(page)).toBeFocused()
    await page.keyboard.type('cache')
    await page.keyboard.press('ArrowDown')
    await expect(tree(page)).toBeFocused()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    await expect(row(page, 'cache-01')).toHaveAttribute('aria-selected', 'true')
    await expect(inspector(page).getByRole('heading', { name: 'cache-01' })).toBeVisible()
    await expect(tree(page)).toHaveAttribute('aria-activedescendant', (await row(page, 'cache-01').getAttribute('id')) ?? '')

    await page.keyboard.press(' ')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press(' ')
    await expect(page.getByRole('toolbar', { name: '2 guests selected' })).toBeVisible()
    await page.keyboard.press('Enter')
    await expect(pane(page, 'cache-01')).toBeVisible()
    await expect(pane(page, 'cache-02')).toBeVisible()
    // The keys are in the console now, and F6 with Ctrl leaves it.
    await expect(pane(page, 'cache-01').or(pane(page, 'cache-02')).getByRole('textbox').and(page.locator(':focus'))).toHaveCount(
      1,
    )
    await page.keyboard.press('Control+F6')
    await expect(inspector(page).locator(':focus')).toHaveCount(1)
    await page.keyboard.press('F6')
    await expect(page.getByRole('region', { name: 'Jobs' }).locator(':focus')).toHaveCount(1)
    await page.keyboard.press('F6')
    await expect(page.getByRole('navigation', { name: 'Fleet' }).locator(':focus')).toHaveCount(1)
    await page.keyboard.press('Escape')

    await filter(page).fill('')
    await tree(page).focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowLeft')
    await expect(row(page, 'sim-1')).toHaveAttribute('aria-expanded', 'false')
    await expect(guests(page)).toHaveCount(0)
    await page.keyboard.press('ArrowRight')
    await expect(row(page, 'sim-1')).toHaveAttribute('aria-expanded', 'true')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('tab', { name: 'sim-1' })).toHaveAttribute('aria-selected', 'true')
  })

  test('is searched by the palette, which does things too', async ({ page }) => {
    await page.keyboard.press('Control+k')
    const palette = page.getByRole('dialog', { name: /Search hosts/ })
    await expect(palette).toBeVisible()
    await page.keyboard.type('api-01')
    await expect(palette.getByRole('option', { name: /api-01/ }).first()).toBeVisible()
    await page.keyboard.press('Enter')
    await expect(palette).toBeHidden()
    await expect(inspector(page).getByRole('heading', { name: 'api-01' })).toBeVisible()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('destroy api-01')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('alertdialog')).toContainText('Destroy api-01')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('theme: light')
    await page.keyboard.press('Enter')
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  })

  test('keeps what was known when the host is gone, and comes back by itself', async ({ fleet, page }) => {
    await fleet.act('powerCut')
    await expect(row(page, 'sim-1')).toContainText(/connection lost|connection refused|no answer/)
    await expect(row(page, 'web-01')).toBeVisible()
    await row(page, 'web-01').click()
    await expect(inspector(page)).toContainText(/Shown as of \d\d:\d\d/)
    // Nothing of it passes for live.
    await expect(row(page, 'web-01')).toContainText('was running')
    await expect(
      row(page, 'web-01')
        .getByTitle(/last known: running as of \d\d:\d\d/)
        .first(),
    ).toBeVisible()
    await expect(inspector(page)).toContainText('Was running')
    await expect(page.getByRole('banner')).toContainText('0 guests running')
    await expect(inspector(page).getByRole('button', { name: 'Reboot' })).toBeDisabled()
    await row(page, 'sim-1').dblclick()
    const header = page.getByRole('main').getByRole('heading', { name: 'sim-1' }).locator('..')
    await expect(header).toContainText('16 threads')
    await expect(header).not.toContainText(/free|up |ssh/)
    await fleet.act('powerOn')
    await retry(page, 'sim-1')
    await expect(row(page, 'web-01')).toContainText('halted', { timeout: 30_000 })
  })
})

lone('2,000 guests: only what is in sight is drawn, and all can be reached', async () => {
  const app = await startApp({ args: ['--simulate', '10x200'] })
  try {
    const { page } = app
    const tree = page.getByRole('tree', { name: 'Fleet' })
    const rows = tree.getByRole('treeitem')
    await expect(page.getByRole('banner')).toContainText('10 hosts', { timeout: 60_000 })
    // A dash is in every name, and a filter opens every host that it finds something on.
    await page.getByRole('combobox', { name: /Filter the fleet/ }).fill('-')
    await expect.poll(() => tree.evaluate((element) => element.scrollHeight), { timeout: 60_000 }).toBe(10 * 28 + 2000 * 24)
    const most = Math.ceil(900 / 24) + 2 * 12
    expect(await rows.count()).toBeLessThanOrEqual(most)

    await tree.focus()
    await page.keyboard.press('End')
    const last = tree.getByRole('treeitem', { selected: true })
    await expect(last).toBeInViewport()
    await expect(last).toHaveAttribute('aria-posinset', '200')
    await expect(last).toHaveAttribute('aria-setsize', '200')
    await expect(row(page, 'sim-10')).toHaveCount(0)
    expect(await rows.count()).toBeLessThanOrEqual(most)

    await page.keyboard.press('ArrowLeft')
    await expect(row(page, 'sim-10')).toBeInViewport()
    await tree.hover()
    await page.mouse.wheel(0, -24_000)
    await expect(row(page, 'sim-10')).toHaveCount(0)
    await expect(rows.first()).toBeAttached()
    expect(await rows.count()).toBeLessThanOrEqual(most)
    await page.keyboard.press('Home')
    await expect(row(page, 'sim-1')).toBeInViewport()
  } finally {
    await app.close()
  }
})
