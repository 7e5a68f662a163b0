import { expect, type Page } from '@playwright/test'
import { testOnFleet } from '../testing/life'
import { logIn, openConsole, pane, shows, typeLine } from '../testing/screen'

// A guest prints what no guest should. Nothing of it leaves its pane, and the other pane answers meanwhile.
const test = testOnFleet({ hosts: 1, guests: 10 })
test.describe.configure({ mode: 'serial' })

const evil = (page: Page) => pane(page, 'web-01')
const good = (page: Page) => pane(page, 'web-02')
let count = 0

/** The other pane echoes what is typed, in time. */
async function answers(page: Page): Promise<void> {
  count += 1
  await typeLine(good(page), `echo $((${count}+70000))`)
  await shows(good(page), new RegExp(`^${count + 70_000}$`, 'm'))
}

/** Has the guest print it, and goes on in the other pane while it does. */
async function suffer(page: Page, command: string): Promise<void> {
  await typeLine(evil(page), command)
  await answers(page)
  await shows(evil(page), /# *$/)
}

/** Ends whatever sequence or mode is left. */
async function recover(page: Page): Promise<void> {
  await evil(page).getByTestId('terminal').click()
  await page.keyboard.press('Control+Shift+G')
  await page.keyboard.press('Control+C')
  await shows(evil(page), /# *$/)
}

test('the clipboard, the title and other windows are out of reach', async ({ page }) => {
  for (const guest of ['web-01', 'web-02']) {
    await openConsole(page, guest)
    await logIn(pane(page, guest))
  }
  const title = await page.title()
  await page.evaluate(() => navigator.clipboard.writeText('mine'))
  await suffer(page, String.raw`printf '\033]52;c;aGVsbG8=\007\033]52;p;aGVsbG8=\007\033]52;c;?\007'`)
  await suffer(page, String.raw`printf '\033]0;owned\007\033]2;owned\007\033]1;owned\007\033[22;0t\033[23;0t\033[21t'`)
  await suffer(page, String.raw`printf '\033[8;1;1t\033[3;0;0t\033[2t\033[9;1t\033[?3h'`)
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('mine')
  expect(await page.title()).toBe(title)
  await recover(page)
})
