import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ProblemError } from '../../src-shared/problem'

/** One line of an OpenSSH client configuration. `keyword` is in lower case; `included` holds the files that an Include brings in. */
export type Statement = {
  keyword: string
  args: string[]
  file: string
  /** Counted from 1, as editors do. */
  line: number
  included?: Statement[][]
}

/** OpenSSH's own limit (READCONF_MAX_DEPTH). */
const maxDepth = 16

/**
 * The lines of a configuration file with those of all files it includes; none when there is no such file. Relative names of
 * Include are looked up in `folder`. SETTINGS_UNREADABLE when a file cannot be read, a line cannot be split into words, or
 * files include each other without end.
 */
export async function readConfigFile(file: string, folder: string, homeDir: string, depth = 0): Promise<Statement[]> {
  if (depth > maxDepth) {
    throw new ProblemError('SETTINGS_UNREADABLE', `${file} is included through more than ${maxDepth} files.`, {
      hint: 'Do these files include each other? Remove one of the Include lines.',
    })
  }
  const statements: Statement[] = []
  for (const [index, text] of (await readText(file)).split('\n').entries()) {
    const place = { file, line: index + 1 }
    const [, keyword, rest = ''] = /^[ \t\r\f]*([^\s=#"][^\s=]*)[ \t]*=?[ \t]*(.*?)\s*$/.exec(text) ?? []
    if (!keyword) continue
    const statement: Statement = { ...place, keyword: keyword.toLowerCase(), args: splitWords(rest, place) }
    if (statement.keyword === 'include') {
      const files = (await Promise.all(statement.args.map((name) => findFiles(name, folder, homeDir)))).flat()
      statement.included = []
      for (const other of files) statement.included.push(await readConfigFile(other, folder, homeDir, depth + 1))
    }
    statements.push(statement)
  }
  return statements
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return ''
    // Left out, it could mean another host, another user or no jump host.
    throw new ProblemError('SETTINGS_UNREADABLE', `The SSH configuration ${file} cannot be read (${code}).`, {
      hint: 'Check its permissions; no host is dialled until it can be read.',
      cause: error,
    })
  }
}

/** The words of a line as OpenSSH splits them (misc.c, argv_split): quotes of both kinds, few escapes, and comments. */
function splitWords(text: string, { file, line }: { file: string; line: number }): string[] {
  const words: string[] = []
  for (let at = 0; at < text.length; at++) {
    if (text[at] === ' ' || text[at] === '\t') continue
    if (text[at] === '#') break
    let word = ''
    let quote = ''
    for (; at < text.length; at++) {
      const char = text[at] ?? ''
      const next = text[at + 1] ?? ''
      if (char === '\\' && (/['"\\]/.test(next) || (next === ' ' && !quote))) {
        word += next
        at++
      } else if (!quote && (char === ' ' || char === '\t')) break
      else if (!quote && (char === '"' || char === "'")) quote = char
      else if (char === quote) quote = ''
      else word += char
    }
    if (quote) {
      throw new ProblemError('SETTINGS_UNREADABLE', `Line ${line} of ${file} has an opening ${quote} and no closing one.`, {
        hint: 'Correct the line; ssh refuses it too.',
      })
    }
    words.push(word)
  }
  return words
}

/** The files that a name of Include means, in order; a name without `*`, `?` or `[` is itself. */
async function findFiles(name: string, folder: string, homeDir: string): Promise<string[]> {
  const path = name.startsWith('~/') ? join(homeDir, name.slice(2)) : name.startsWith('/') ? name : join(folder, name)
  let found = ['/']
  for (const part of path.split('/').filter(Boolean)) {
    if (!/[*?[]/.test(part)) {
      found = found.map((parent) => join(parent, part))
      continue
    }
    const pattern = globExpression(part)
    const lists = found.map(async (parent) => {
      const names = await readdir(parent).catch(() => [])
      // As a shell: a star finds no hidden file.
      const matching = names.filter((entry) => pattern.test(entry) && (part.startsWith('.') || !entry.startsWith('.')))
      return matching.sort().map((entry) => join(parent, entry))
    })
    found = (await Promise.all(lists)).flat()
  }
  return found
}

function globExpression(part: string): RegExp {
  const source = part.replace(/\[(!?)([^\]]+)\]|[*?]|[^A-Za-z0-9_-]/g, (text, not: string, set: string | undefined) => {
    if (text === '*') return '.*'
    if (text === '?') return '.'
    return set === undefined ? `\\${text}` : `[${not ? '^' : ''}${set.replace(/[\\^]/g, '\\$&')}]`
  })
  return new RegExp(`^${source}$`, 's')
}
