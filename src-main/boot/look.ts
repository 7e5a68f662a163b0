import { type Boots, bootSettingsSchema, type HostBoot } from '../../src-shared/models/host-boot'
import { plainText } from '../../src-shared/plain-text'
import { ProblemError } from '../../src-shared/problem'
import { bootFiles } from '../host/held-boot'
import type { PreflightHost } from '../jobs/preflight'
import { entriesOf, type MenuItem, parseMenu, resolveEntry, sameTitles, withoutPlaceholder } from './grub-menu'
import lookScript from './look.sh?raw'

/** What was read, and the menu that it stands in. */
export type BootLook = { boot: HostBoot; items: MenuItem[] }

/** What a host boots and how, now. Writes nothing. Throws UNEXPECTED_OUTPUT, and what the host throws. */
export async function lookAtBoot(host: PreflightHost): Promise<BootLook> {
  const { stdout, stderr, exitCode } = await host.run(['sh', '-c', 'eval "$(cat)"'], {
    stdin: `${bootFiles}\n${lookScript}`,
    timeoutMs: 60_000,
  })
  const look = exitCode === 0 ? parseLook(stdout.toString('utf8')) : undefined
  if (!look) {
    throw new ProblemError('UNEXPECTED_OUTPUT', `${host.settings.name} did not say what it boots.`, {
      context: { host: host.settings.name, exitCode, output: stderr.toString('utf8').slice(-2000) },
    })
  }
  return look
}

/** Reads the answer of look.sh; undefined when it is not whole. */
export function parseLook(text: string): BootLook | undefined {
  const values = new Map<string, string>()
  const files: Record<'m' | 'e' | 'h' | 'l', string[]> = { m: [], e: [], h: [], l: [] }
  const lines = text.trimEnd().split('\n')
  if (lines.pop() !== 'end') return undefined
  for (const line of lines) {
    const [, file, rest = ''] = /^([mehl])\|(.*)$/.exec(line) ?? []
    if (file === 'm' || file === 'e' || file === 'h' || file === 'l') files[file].push(plainText(rest))
    else {
      const [, key = '', value = ''] = /^(\S+) ?(.*)$/.exec(line) ?? []
      values.set(key, plainText(value))
    }
  }
  const environment = pairs(files.e, '=')
  const { items, defaultWords } = parseMenu(files.m.join('\n'))
  const entries = entriesOf(items)
  const indexOf = (value: string | undefined): number | undefined => {
    const titles = value ? resolveEntry(items, value) : undefined
    const index = titles ? entries.findIndex((entry) => sameTitles(titles, entry.titles)) : -1
    return index < 0 ? undefined : index
  }
  // biome-ignore lint/suspicious/noTemplateCurlyInString: GRUB's variable
  const words = defaultWords === '${saved_entry}' ? (environment.get('saved_entry') ?? '0') : defaultWords
  const linuxWords = withoutPlaceholder(values.get('linux') ?? '')
  const xen = values.get('xen')
  const xenWords = xen === undefined ? undefined : withoutPlaceholder(xen)
  const byDefault = indexOf(words)
  const held = heldOf(pairs(files.h, ' '), / domdeck\.boot=trial( |$)/.test(linuxWords))
  const last = lastOf(pairs(files.l, ' '))
  const now = {
    linux: values.get('release') ?? '',
    // What a held boot adds is not of the entry.
    linuxWords: linuxWords.replace(/ domdeck\.boot=(trial panic=10|before)(?= |$)/, ''),
    ...(xenWords === undefined ? {} : { xenWords }),
  }
  const runs = (boots: Boots | undefined): boolean =>
    boots?.linux === now.linux && boots.linuxWords === now.linuxWords && boots.xenWords === now.xenWords
  const running =
    byDefault !== undefined && runs(entries[byDefault]?.boots) ? byDefault : entries.findIndex(({ boots }) => runs(boots))
  const nextValue = environment.get('next_entry')
  const next = nextValue === 'domdeck-trial' ? indexOf(pairs(files.h, ' ').get('value')) : indexOf(nextValue)
  const autoballoon = values.get('autoballoon')
  const unfit = values.get('unfit')
  return {
    items,
    boot: {
      menuSum: values.get('sum') ?? '',
      entries,
      ...(byDefault === undefined ? {} : { byDefault }),
      ...(running < 0 ? {} : { running }),
      ...(next === undefined ? {} : { next }),
      defaultWords: words,
      settings: settingsOf(values.get('settings')),
      ...(xenWords === undefined ? {} : { xenWords }),
      linuxWords,
      autoballoon:
        autoballoon === '1' || autoballoon === 'on' ? 'on' : autoballoon === '0' || autoballoon === 'off' ? 'off' : 'auto',
      panicSeconds: Number(values.get('panic')) || 0,
      ...(held ? { held } : {}),
      ...(last ? { last } : {}),
      ...(unfit === undefined ? {} : { unfit }),
    },
  }
}

function pairs(lines: readonly string[], between: string): ReadonlyMap<string, string> {
  return new Map(
    lines.flatMap((line) => {
      const at = line.indexOf(between)
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const]
    }),
  )
}

/** The settings that Domdeck wrote; what somebody else made of its file counts for nothing here. */
function settingsOf(text: string | undefined): HostBoot['settings'] {
  try {
    return bootSettingsSchema.parse(JSON.parse(text ?? '{}'))
  } catch {
    return {}
  }
}

function heldOf(held: ReadonlyMap<string, string>, trying: boolean): HostBoot['held'] {
  const entry = held.get('entry')
  if (entry === undefined) return undefined
  return {
    entry,
    before: held.get('before') ?? '',
    once: held.get('once') === 'yes',
    minutes: Number(held.get('minutes')) || 0,
    state: held.has('kept') ? 'keeping' : trying ? 'trying' : 'armed',
  }
}

function lastOf(last: ReadonlyMap<string, string>): HostBoot['last'] {
  const outcome = last.get('outcome')
  if (outcome !== 'kept' && outcome !== 'back') return undefined
  return { outcome, entry: last.get('entry') ?? '', at: Number(last.get('at')) * 1000 || 0, why: last.get('why') ?? '' }
}
