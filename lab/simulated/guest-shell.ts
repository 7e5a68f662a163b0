/** What the pretend guest knows about itself. */
export type GuestSelf = {
  name: string
  uuid: string
  domid: number
  memoryMb: number
  vcpus: number
  kernel: string
  /** `overlay` for a guest on a base, `ext4` for one with a disk of its own. */
  rootFileSystem: 'overlay' | 'ext4'
  /** Seconds since it was booted. */
  upSeconds(): number
  /** Files somebody wrote, by path. */
  files: Map<string, string>
  /** Called after a change of `files`. */
  saveFiles(): void
  /** What its console prints, for a host whose xenconsoled keeps logs. */
  log?(text: string): void
}

/** What a command line does: text to print, or something that the console must do. */
export type ShellAnswer =
  | { do: 'print'; text: string }
  /** `chunk` again and again up to so many bytes; in latin1 each character is one byte, also such as are no UTF-8. */
  | { do: 'flood'; chunk: string; bytes: number; encoding?: 'latin1' }
  | { do: 'logout' | 'reboot' | 'poweroff' | 'clear' }

const print = (text: string): ShellAnswer => ({ do: 'print', text })

/**
 * Runs one command line of the pretend guest: some commands that people try first, words parted by spaces with quotes,
 * one redirection at the end. It is no shell: no pipes, no variables but `$((…))` of two whole numbers.
 */
export function runGuestCommand(line: string, self: GuestSelf): ShellAnswer {
  const redirected = /^(.*?)\s*(>>?)\s*(\S+)\s*$/.exec(line)
  if (!redirected) return runWords(splitWords(line), self)
  const [, command = '', how, file = ''] = redirected
  const answer = runWords(splitWords(command), self)
  if (answer.do !== 'print') return answer
  const path = absolute(file)
  self.files.set(path, (how === '>>' ? (self.files.get(path) ?? '') : '') + answer.text)
  self.saveFiles()
  return print('')
}

function runWords([command, ...words]: string[], self: GuestSelf): ShellAnswer {
  switch (command) {
    case undefined:
    case 'true':
    case 'sync':
    case 'cd':
      return print('')
    case 'hostname':
      return print(`${self.name}\n`)
    case 'whoami':
      return print('root\n')
    case 'pwd':
      return print('/root\n')
    case 'tty':
      return print('/dev/hvc0\n')
    case 'uname':
      return print(words[0] === '-r' ? `${self.kernel}\n` : `Linux ${self.name} ${self.kernel} (simulated) x86_64 GNU/Linux\n`)
    case 'findmnt':
      return print(
        words.includes('FSTYPE')
          ? `${self.rootFileSystem}\n`
          : `TARGET SOURCE  FSTYPE\n/      ${self.rootFileSystem} ${self.rootFileSystem}\n`,
      )
    case 'uptime':
      return print(` up ${Math.floor(self.upSeconds() / 60)} min,  1 user,  load average: 0.02, 0.03, 0.00\n`)
    case 'free':
      return print(`               total\nMem:    ${String(self.memoryMb).padStart(13)}\n`)
    case 'ip':
      return print(
        `2: eth0    inet 10.0.${self.domid >> 8}.${self.domid & 255}/16 brd 10.0.255.255 scope global eth0\\       valid_lft forever preferred_lft forever\n`,
      )
    case 'nproc':
      return print(`${self.vcpus}\n`)
    case 'echo':
      return print(`${words.join(' ')}\n`)
    case 'seq':
      return print(Array.from({ length: Math.min(Number(words[0]) || 0, 100_000) }, (_, at) => `${at + 1}\n`).join(''))
    case 'ls':
      return print(list(words.find((word) => !word.startsWith('-')) ?? '/root', self))
    case 'cat':
      return print(words.map((word) => readFile(absolute(word), self) ?? `cat: ${word}: No such file or directory\n`).join(''))
    case 'rm': {
      for (const word of words) self.files.delete(absolute(word))
      self.saveFiles()
      return print('')
    }
    case 'yes':
      return { do: 'flood', chunk: `${words.join(' ') || 'y'}\r\n`, bytes: Number.POSITIVE_INFINITY }
    case 'flood':
      return { do: 'flood', chunk: `${'0123456789abcdef'.repeat(4).slice(0, 62)}\r\n`, bytes: Number(words[0]) || 1_000_000 }
    case 'printf':
      return printBytes(words[0] ?? '', 1)
    case 'repeat':
      return printBytes(words[1] ?? '', Number(words[0]) || 1)
    case 'clear':
      return { do: 'clear' }
    case 'exit':
    case 'logout':
      return { do: 'logout' }
    case 'reboot':
      return { do: 'reboot' }
    case 'poweroff':
    case 'halt':
    case 'shutdown':
      return { do: 'poweroff' }
    case 'help':
      return print(
        'This guest is simulated. It knows: cat clear echo exit findmnt flood free hostname ls nproc poweroff printf pwd reboot repeat rm seq tty uname uptime whoami yes\n',
      )
    default:
      return print(`-bash: ${command}: command not found (a simulated guest; try help)\n`)
  }
}

/** Prints the bytes that a format of printf names, so many times. */
function printBytes(format: string, times: number): ShellAnswer {
  const signs: Record<string, string> = { a: '\x07', b: '\b', e: '\x1b', n: '\n', r: '\r', t: '\t' }
  const chunk = Buffer.from(format, 'utf8')
    .toString('latin1')
    .replace(/\\(?:x([0-9a-f]{2})|([0-7]{3})|(.))/gi, (_all, hex: string | undefined, octal: string | undefined, sign = '') =>
      hex
        ? String.fromCharCode(Number.parseInt(hex, 16))
        : octal
          ? String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
          : (signs[sign] ?? sign),
    )
  return chunk === '' ? print('') : { do: 'flood', chunk, bytes: chunk.length * times, encoding: 'latin1' }
}

function splitWords(line: string): string[] {
  const words = line.match(/(?:"[^"]*"|'[^']*'|\$\(\([^)]*\)\)|[^\s"'])+/g) ?? []
  return words.map((word) => word.replace(/\$\(\(\s*(\d+)\s*([-+*])\s*(\d+)\s*\)\)/g, calculate).replace(/["']/g, ''))
}

function calculate(_all: string, left: string, sign: string, right: string): string {
  const [a, b] = [Number(left), Number(right)]
  return String(sign === '*' ? a * b : sign === '+' ? a + b : a - b)
}

function absolute(path: string): string {
  return path.startsWith('/') ? path : `/root/${path}`
}

function readFile(path: string, self: GuestSelf): string | undefined {
  const written = self.files.get(path)
  if (written !== undefined) return written
  if (path === '/etc/hostname') return `${self.name}\n`
  if (path === '/etc/machine-id') return `${self.uuid.replaceAll('-', '')}\n`
  if (path === '/etc/os-release') return 'PRETTY_NAME="Simulated Debian guest"\n'
  if (path === '/proc/uptime') return `${self.upSeconds().toFixed(2)} ${self.upSeconds().toFixed(2)}\n`
  return undefined
}

function list(path: string, self: GuestSelf): string {
  const folder = `${absolute(path).replace(/\/$/, '')}/`
  const names = [...self.files.keys()]
    .filter((file) => file.startsWith(folder))
    .map((file) => file.slice(folder.length).split('/')[0] ?? '')
  const standing =
    folder === '/' ? ['bin', 'boot', 'dev', 'etc', 'home', 'lib', 'proc', 'root', 'run', 'srv', 'sys', 'tmp', 'usr', 'var'] : []
  const all = [...new Set([...standing, ...names])].sort()
  return all.length === 0 ? '' : `${all.join('  ')}\n`
}
