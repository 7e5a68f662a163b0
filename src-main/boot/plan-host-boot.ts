import type { BootPlan } from '../../src-shared/contract/boot'
import type { Check } from '../../src-shared/models/check'
import type { BootRequest, BootSettings } from '../../src-shared/models/host-boot'
import type { OperationInput } from '../../src-shared/operations'
import { plainText } from '../../src-shared/plain-text'
import { ProblemError } from '../../src-shared/problem'
import { bootFiles } from '../host/held-boot'
import { type PreflightHost, scriptOf } from '../jobs/preflight'
import { quoteArg } from '../ssh/quote'
import { changeBoot } from './change'
import { entriesOf, parseMenu, resolveEntry, sameTitles } from './grub-menu'
import { lookAtBoot } from './look'
import previewScript from './preview.sh?raw'
import { settingsFile } from './settings-file'

/** How long a changed boot has to prove itself. A server takes minutes to come up, and its network some more. */
const heldMinutes = 10

/** Looks at what a change of the boot would come to: the files as they would change, and whether it can be held. Writes nothing. */
export async function planHostBoot(
  host: PreflightHost & { readonly facts: { memoryMb: number } | undefined },
  request: BootRequest,
): Promise<BootPlan> {
  const { boot, items } = await lookAtBoot(host)
  const { once } = request
  // What is booted once changes no setting.
  const settings = once ? boot.settings : request.settings
  const checks: Check[] = [
    boot.unfit === undefined
      ? { title: 'Going back', verdict: 'pass', fact: 'GRUB goes back by itself' }
      : { title: 'Going back', verdict: 'fail', fact: 'not possible here', advice: boot.unfit },
  ]
  if (boot.held) {
    checks.push({
      title: 'Held boot',
      verdict: 'fail',
      fact: boot.held.entry,
      advice: 'Another changed boot has yet to prove itself. Let it, or take it back.',
    })
  }
  const { dom0MemMb } = settings
  if (dom0MemMb !== undefined && host.facts && dom0MemMb > host.facts.memoryMb - 256) {
    checks.push({
      title: 'Memory of dom0',
      verdict: 'fail',
      fact: `the host has ${host.facts.memoryMb} MB`,
      advice: 'Leave some for Xen and the guests.',
    })
  }
  if (checks.some(({ verdict }) => verdict === 'fail')) return { checks, files: [] }

  const write = writeOf(boot.settings, settings)
  const preview = await previewMenu(host, write, settings)
  if ('failed' in preview) {
    checks.push({ title: 'Boot menu', verdict: 'fail', fact: 'grub-mkconfig failed', advice: preview.failed })
    return { checks, files: [] }
  }
  const made = parseMenu(preview.menu)
  const entries = entriesOf(made.items)
  const before = resolveEntry(items, boot.defaultWords)
  const trial = once ?? resolveEntry(made.items, wordsOf(made.defaultWords, boot.defaultWords))
  const entry = trial && entries.find(({ titles }) => sameTitles(titles, trial))
  if (!before || !entry || entry.unfit !== undefined || entry.value === undefined) {
    const fact = trial?.at(-1) ?? 'the menu is empty'
    checks.push({
      title: 'Entry',
      verdict: 'fail',
      fact,
      advice: `It cannot be booted from here: ${entry?.unfit ?? 'it is not in the menu'}.`,
    })
    return { checks, files: preview.files }
  }
  if (!once && write === 'leave') {
    checks.push({ title: 'Change', verdict: 'fail', fact: 'nothing changes', advice: 'Choose another entry or another setting.' })
    return { checks, files: preview.files }
  }
  checks.push(
    entry.boots.xen === undefined
      ? { title: 'Hypervisor', verdict: 'warn', fact: 'none', advice: 'No guest starts while the host runs this entry.' }
      : { title: 'Hypervisor', verdict: 'pass', fact: `Xen ${entry.boots.xen}` },
  )
  const input: OperationInput<'host.boot'> = {
    settings,
    write,
    once: once !== undefined,
    before: boot.defaultWords,
    trial: entry.titles,
    value: entry.value,
    menuSum: boot.menuSum,
    minutes: heldMinutes,
  }
  const planned = {
    call: { operation: 'host.boot' as const, input },
    script: scriptOf(changeBoot, input, host.settings.storageRoot),
  }
  return { checks, files: preview.files, planned }
}

function writeOf(before: BootSettings, after: BootSettings): 'write' | 'remove' | 'leave' {
  const text = settingsFile(after)
  if (text === settingsFile(before)) return 'leave'
  return text === undefined ? 'remove' : 'write'
}

/** With GRUB_DEFAULT=saved the value stays what it was. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: GRUB's variable
const wordsOf = (made: string, before: string): string => (made === '${saved_entry}' ? before : made)

async function previewMenu(
  host: PreflightHost,
  write: 'write' | 'remove' | 'leave',
  settings: BootSettings,
): Promise<{ files: BootPlan['files']; menu: string } | { failed: string }> {
  const variables = `settings=${write}\ndropin_text=${quoteArg(settingsFile(settings) ?? '')}`
  const { stdout, stderr, exitCode } = await host.run(['sh', '-c', 'eval "$(cat)"'], {
    stdin: [bootFiles, variables, previewScript].join('\n'),
    timeoutMs: 120_000,
  })
  const lines = stdout.toString('utf8').trimEnd().split('\n')
  if (exitCode !== 0 || lines.pop() !== 'end') {
    throw new ProblemError('UNEXPECTED_OUTPUT', `${host.settings.name} did not say what its boot menu would be.`, {
      context: { host: host.settings.name, exitCode, output: stderr.toString('utf8').slice(-2000) },
    })
  }
  const failed = lines.find((line) => line.startsWith('failed '))
  if (failed !== undefined) return { failed: plainText(failed.slice('failed '.length)) }
  const behind = (mark: string) => lines.filter((line) => line.startsWith(mark)).map((line) => plainText(line.slice(mark.length)))
  const files: BootPlan['files'] = []
  for (const line of behind('d|')) {
    if (line.startsWith('--- ')) files.push({ path: line.slice(4), diff: '' })
    else if (!line.startsWith('+++ ')) {
      const file = files.at(-1)
      if (file) file.diff += `${line}\n`
    }
  }
  return { files, menu: behind('m|').join('\n') }
}
