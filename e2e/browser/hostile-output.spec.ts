import { expect, type Page } from '@playwright/test'
import { testOnFleet } from '../testing/life'
import { logIn, openConsole, pane, shows, terminalText, typeLine } from '../testing/screen'

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

test('questions are answered to that guest alone, and a flood of them is not', async ({ page }) => {
  await typeLine(evil(page), String.raw`repeat 50000 '\033[c\033[6n\033[\x3ec\033P$qm\033\134'`)
  await answers(page)
  // A shell that echoes shows what it was sent: of 200,000 answers some a second.
  await shows(evil(page), /1;2c/)
  await answers(page)
  const text = await terminalText(evil(page))
  expect(text.match(/1;2c|;\d+R|276;0c|P1/g)?.length ?? 0).toBeLessThan(4_000)
  expect(await terminalText(good(page))).not.toMatch(/1;2c|;\d+R/)
  await recover(page)
})

const absurd = [
  String.raw`repeat 2000 '\033[2147483647S\033[2147483647T\033[2147483647L\033[2147483647M'`,
  String.raw`repeat 2000 'x\033[2147483647b\033[2147483647I\033[2147483647Z\033[2147483647@'`,
  String.raw`repeat 3000 '\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;21;22;23;24;25;26;27;28;29;30;31;32;33;34;35m'`,
  String.raw`repeat 100000 '\xff\xfe\xc0\x80\xed\xa0\x80'`,
  String.raw`repeat 20000 '\033[?1000h\033[?1003h\033[?1006h\033[?1000l\033[?1003l\033[?1006l'`,
  String.raw`repeat 5000 '\033[?1049h\033[?1049l'`,
  String.raw`repeat 500000 '\007'`,
  String.raw`repeat 200000 'e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81'`,
  String.raw`repeat 20000 '\033]8;;https://evil.example/\007good.example\033]8;;\007'`,
  String.raw`repeat 5000 '\033]11;#ff0000\007\033]10;#00ff00\007\033]4;1;#123456\007'`,
]
for (const command of absurd)
  test(`the page stays with its person through ${command}`, async ({ page }) => {
    await suffer(page, command)
    await recover(page)
  })

test('strings that never end, and a line without end, are bounded', async ({ page }) => {
  test.setTimeout(180_000)
  for (const begin of [String.raw`\033]0;`, String.raw`\033Pq`, String.raw`\033_`]) {
    await typeLine(evil(page), `printf '${begin}'`)
    await typeLine(evil(page), `repeat 12000000 a`)
    await answers(page)
    await recover(page)
  }
  await typeLine(evil(page), 'repeat 100000000 a')
  await answers(page)
  await answers(page)
  await recover(page)
  await answers(page)
})

test('a link to a script is none, and text hides no target', async ({ page }) => {
  await recover(page)
  await suffer(
    page,
    String.raw`printf '\033]8;;javascript:alert(1)\007click\033]8;;\007 javascript:alert(2) \033]8;;https://evil.example/\007there\033]8;;\007\n'`,
  )
  const before = page.context().pages().length
  const row = evil(page).locator('.xterm-rows > div').filter({ hasText: 'javascript' }).last()
  const box = await row.boundingBox()
  if (!box) throw new Error('it is not drawn')
  const columns = Number.parseInt((await evil(page).locator('.size').textContent()) ?? '', 10)
  const at = (column: number) => [box.x + ((column + 0.5) * box.width) / columns, box.y + box.height / 2] as const
  const says = evil(page).getByText(/^Ctrl\+click opens/)
  await page.keyboard.down('Control')
  for (const column of [2, 10]) {
    await page.mouse.click(...at(column))
    await expect(says).toHaveCount(0)
  }
  await page.keyboard.up('Control')
  // `there` may lead anywhere, and says so; a click without Ctrl leads nowhere.
  await page.mouse.click(...at(28))
  await expect(says).toHaveText('Ctrl+click opens https://evil.example/')
  await page.mouse.move(0, 0)
  await answers(page)
  expect(page.context().pages()).toHaveLength(before)
})

test('a mouse that is asked for reports to that guest alone', async ({ page }) => {
  await recover(page)
  await typeLine(evil(page), String.raw`printf '\033[?1003h\033[?1006h'`)
  const box = await evil(page).locator('.xterm-screen').boundingBox()
  if (!box) throw new Error('it is not drawn')
  for (let step = 0; step < 50; step++) await page.mouse.move(box.x + 20 + step * 3, box.y + 20 + step * 2)
  await answers(page)
  expect(await terminalText(good(page))).not.toMatch(/\[<\d/)
  await recover(page)
})
