import type { MenuEntry } from '../../src-shared/models/boot'

/** The most entries of a menu that are told. */
const mostEntries = 50

/**
 * The entries of a guest's own boot menu, of the lines of its grub.cfg (GRUB 2) or menu.lst (GRUB 1). What a guest writes is hostile: a
 * line that is none of these is passed over, and nothing is run or looked up.
 */
export function parseMenu(lines: readonly string[]): MenuEntry[] {
  const entries: MenuEntry[] = []
  const submenus: { title: string; depth: number }[] = []
  let title: string[] | undefined
  let depth = 0
  for (const line of lines) {
    const [, word = '', rest = ''] =
      /^\s*(menuentry|submenu|title|linux(?:16|efi)?|kernel|multiboot2?|\})(?:[\s=]+(.*))?$/.exec(line) ?? []
    if (word === 'submenu') {
      submenus.push({ title: firstWord(rest), depth })
      depth += 1
    } else if (word === 'menuentry') {
      title = [...submenus.map((one) => one.title), firstWord(rest)]
      depth += 1
    } else if (word === 'title') {
      title = [rest.trim()]
    } else if (word === '}') {
      depth = Math.max(0, depth - 1)
      if (submenus.at(-1)?.depth === depth) submenus.pop()
      title = undefined
    } else if (word !== '' && title) {
      const [kernel = ''] = rest.trim().split(/\s+/)
      if (kernel !== '') entries.push({ title, kernel })
      // What follows are the modules of this one.
      title = undefined
      if (entries.length === mostEntries) return entries
    }
  }
  return entries
}

/** The first word of a line as GRUB's shell takes it, quotes and all. */
function firstWord(text: string): string {
  let word = ''
  let quote = ''
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at)
    if (letter === '\\' && quote !== "'") {
      at += 1
      word += text.charAt(at)
    } else if (quote !== '') {
      if (letter === quote) quote = ''
      else word += letter
    } else if (letter === '"' || letter === "'") quote = letter
    else if (/\s/.test(letter)) break
    else word += letter
  }
  return word
}
