import type { BootEntry, Boots } from '../../src-shared/models/host-boot'

/** One line of a menu: an entry, or a submenu with its own. */
export type MenuItem = { title: string; id: string } & ({ items: MenuItem[] } | { boots: Boots })

/** A menu, and the value that it has as default when nothing is to be booted once. */
export type GrubMenu = { items: MenuItem[]; defaultWords: string }

/** Entries that a held boot has for itself (change.sh). */
const isOwn = ({ id }: MenuItem): boolean => id === 'domdeck-before' || id === 'domdeck-trial'

const headerLine = /^(menuentry|submenu)\s+('(?:[^']|'\\'')*'|"[^"]*")\s+(.*)\{$/
const idOption = /(?:\$menuentry_id_option|--id)[ =](?:'([^']*)'|"([^"]*)"|(\S+))/
const maxDepth = 8

/**
 * Reads a grub.cfg as grub-mkconfig makes it, a command a line. Entries within conditions count as there, and what is no menu is passed
 * over: nothing in it is an error.
 */
export function parseMenu(text: string): GrubMenu {
  const items: MenuItem[] = []
  /** The submenus that are open here, outermost first, each with the depth of braces at which it closes. */
  const open = [{ items, closes: -1 }]
  let entry: { boots: Boots; closes: number } | undefined
  let depth = 0
  let defaultWords = '0'
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    const here = open.at(-1)
    const header = entry ? null : headerLine.exec(line)
    if (line === '}') {
      depth -= 1
      if (entry) entry = depth === entry.closes ? undefined : entry
      else if (open.length > 1 && depth === here?.closes) open.pop()
      continue
    }
    if (header && here && open.length <= maxDepth) {
      const [, kind, quoted = '', rest = ''] = header
      const title = quoted.startsWith("'") ? quoted.slice(1, -1).replaceAll("'\\''", "'") : quoted.slice(1, -1)
      const named = { title, id: idOption.exec(rest)?.slice(1).find(Boolean) ?? '' }
      if (kind === 'submenu') {
        const inner: MenuItem[] = []
        here.items.push({ ...named, items: inner })
        open.push({ items: inner, closes: depth })
      } else {
        entry = { boots: {}, closes: depth }
        here.items.push({ ...named, boots: entry.boots })
      }
    } else if (entry) readCommand(line, entry.boots)
    else {
      const value = /^set default="(.*)"$/.exec(line)?.[1]
      // biome-ignore lint/suspicious/noTemplateCurlyInString: GRUB's variable, of the branch that boots once
      if (value !== undefined && value !== '${next_entry}') defaultWords = value
    }
    if (line.endsWith('{')) depth += 1
  }
  return { items, defaultWords }
}

/** What a command of an entry says of what it boots. Xen's modules are its kernel, then the initrd. */
function readCommand(line: string, boots: Boots): void {
  const [, command = '', path = '', words = ''] = /^(\S+)\s+(?:--\S+\s+)*(\S+)\s*(.*)$/.exec(line) ?? []
  const file = path.slice(path.lastIndexOf('/') + 1)
  if (/^multiboot2?$/.test(command)) {
    boots.xen = file.replace(/^xen-?/, '').replace(/\.gz$/, '')
    // A variable that is empty on a PC.
    boots.xenWords = withoutPlaceholder(words.replace(/\$\{xen_rm_opts\}/, ''))
  } else if (/^memtest/.test(file)) {
    // Memtest86+ is loaded as a kernel of Linux is (its file in /etc/grub.d: linux16, or linux since version 6).
  } else if (
    /^linux(16|efi)?$/.test(command) ||
    (/^module2?$/.test(command) && boots.xen !== undefined && boots.linux === undefined)
  ) {
    boots.linux = file.replace(/^(vmlinu[xz]|kernel)-?/, '')
    boots.linuxWords = withoutPlaceholder(words)
  }
}

/** The words of a command line as both GRUB and a booted system tell them: the file's own place first, which says nothing. */
export const withoutPlaceholder = (words: string): string =>
  words
    .replace(/^(placeholder|BOOT_IMAGE=\S*)(?= |$)/, '')
    .replaceAll(/\s+/g, ' ')
    .trim()

/** All entries in the order of the menu, but those of a held boot. */
export function entriesOf(
  items: readonly MenuItem[],
  above: { titles: string[]; value: string | undefined } = { titles: [], value: '' },
): BootEntry[] {
  return items.flatMap((item) => {
    if (isOwn(item)) return []
    const titles = [...above.titles, item.title]
    const segment = segmentOf(items, item)
    const value =
      above.value === undefined || segment === undefined ? undefined : above.value === '' ? segment : `${above.value}>${segment}`
    if ('items' in item) return entriesOf(item.items, { titles, value })
    const unfit =
      item.boots.linux === undefined
        ? 'it boots no Linux'
        : value === undefined
          ? 'GRUB cannot tell it from another one'
          : undefined
    return [{ titles, boots: item.boots, ...(value === undefined ? {} : { value }), ...(unfit === undefined ? {} : { unfit }) }]
  })
}

/**
 * How GRUB is told of an item among those beside it: by its id, or by its title where the id is of another one before it. (Debian 12 names two
 * submenus `gnulinux-advanced-…`.) What begins with a digit GRUB takes for a number.
 */
function segmentOf(beside: readonly MenuItem[], item: MenuItem): string | undefined {
  const fits = (text: string) =>
    text !== '' && !/^\s*\d/.test(text) && !/["$`\\\n]/.test(text) && findByName(beside, text) === item
  const name = [item.id, item.title].find(fits)
  return name?.replaceAll('>', '>>')
}

const findByName = (items: readonly MenuItem[], name: string): MenuItem | undefined =>
  items.find(({ title, id }) => title === name || id === name)

/**
 * Titles of the entry that GRUB boots for a value of `default` or `next_entry`: ids or titles joined by `>`, or numbers. As GRUB does, what is not
 * there means the first; undefined in an empty menu.
 */
export function resolveEntry(items: readonly MenuItem[], value: string): string[] | undefined {
  const [, segment = '', rest = ''] = /^((?:[^>]|>>)*)(?:>([\s\S]*))?$/.exec(value) ?? []
  const name = segment.replaceAll('>>', '>')
  const number = /^\s*\d+/.exec(name)
  const item = (number ? items[Number(number[0])] : findByName(items, name)) ?? items[0]
  if (!item) return undefined
  if (!('items' in item)) return [item.title]
  const inner = resolveEntry(item.items, rest)
  return inner && [item.title, ...inner]
}

export const sameTitles = (a: readonly string[] | undefined, b: readonly string[]): boolean => a?.join('\n') === b.join('\n')
