import { type HostFacts, type HostSettings, hostFactsSchema } from '../../src-shared/models/host'
import { ProblemError } from '../../src-shared/problem'
import { parseInfo } from '../xen/info'
import type { ControlShell } from './control-shell'
import probeScript from './probe.sh?raw'

const rootStates = hostFactsSchema.shape.storageRoot.options

/** When the answer came, by our clock in epoch milliseconds, and how long a round trip takes. */
export type Received = { hostName: string; at: number; latencyMs: number }

/** Reads the answer of probe.sh. Throws NOT_XEN with the reason the host gave, COMMAND_FAILED if its tools do not work yet, or UNEXPECTED_OUTPUT. */
export function parseProbe(text: string, { hostName, at, latencyMs }: Received): HostFacts {
  const info: string[] = []
  const values = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    if (line.startsWith('|')) {
      info.push(line.slice(1))
      continue
    }
    const [, word = '', rest = ''] = /^(\S+) ?(.*)$/.exec(line) ?? []
    values.set(word, [...(values.get(word) ?? []), rest])
  }
  const value = (word: string) => values.get(word)?.[0] ?? ''
  if (values.has('not-xen')) {
    throw new ProblemError('NOT_XEN', `${hostName} is not a running Xen dom0: ${value('not-xen')}.`, {
      context: { host: hostName },
    })
  }
  // Debian's wrapper of xl picks the tools of the hypervisor that runs, and an upgrade has removed those.
  const upgraded = /Can't find version (\S+) of xen utils/.exec(value('not-ready'))
  if (upgraded) {
    throw new ProblemError(
      'COMMAND_FAILED',
      `${hostName} runs Xen ${upgraded[1]}, but its tools have been upgraded since: xl does not work until it is rebooted.`,
      {
        hint: `Reboot the host when its guests allow it, or install xen-utils-${upgraded[1]} again.`,
        context: { host: hostName, command: 'xl info', output: value('not-ready') },
      },
    )
  }
  if (values.has('not-ready')) {
    throw new ProblemError('COMMAND_FAILED', `Xen runs on ${hostName}, but xl info fails: ${value('not-ready')}.`, {
      hint: 'It may still be booting. If this goes on, look at `systemctl status xencommons` there.',
      context: { host: hostName, command: 'xl info' },
    })
  }
  const xen = parseInfo(info.join('\n'))
  const storage = /\s(\S+)\s+(\d+)\s+\d+\s+(\d+)\s+(?:\d+%|-)\s+\//.exec(value('storage'))
  if (!xen || !value('boot')) {
    throw new ProblemError('UNEXPECTED_OUTPUT', `${hostName} did not say what it is in a form that Domdeck knows.`, {
      context: { host: hostName, command: 'xl info', output: text.slice(0, 4000) },
    })
  }
  // busybox' date knows no %N and prints it or nothing: whole seconds then.
  const clockMs = Number(/^\d+(\.\d+)?/.exec(value('clock'))?.[0] ?? Number.NaN) * 1000
  return {
    hostname: xen.hostname,
    xenVersion: xen.xenVersion,
    system: value('system'),
    kernel: xen.kernel,
    threads: xen.threads,
    memoryMb: xen.memoryMb,
    freeMemoryMb: xen.freeMemoryMb,
    guestTypes: xen.guestTypes,
    storageBytes: Number(storage?.[2] ?? 0) * 1024,
    storageFreeBytes: Number(storage?.[3] ?? 0) * 1024,
    storageFileSystem: storage?.[1] ?? '',
    storageRoot: rootStates.find((state) => state === value('root')) ?? 'folder',
    pools: (values.get('pool') ?? []).flatMap(poolOf),
    bridges: values.get('bridge') ?? [],
    bootId: value('boot'),
    upSeconds: Number.parseFloat(value('up')) || 0,
    clockSkewMs: Number.isNaN(clockMs) ? 0 : Math.round(clockMs - (at - latencyMs / 2)),
    missingTools: values.get('missing') ?? [],
  }
}

/** `GROUP/NAME BYTES DATA_PERCENT METADATA_PERCENT`; of a pool that is not active lvs says no percentages. */
function poolOf(line: string): HostFacts['pools'] {
  const [, name = '', bytes, data, metadata] = /^(\S+) +(\d+) +([\d.]+) +([\d.]+)$/.exec(line) ?? []
  if (name === '') return []
  return [{ name, sizeBytes: Number(bytes), dataShare: Number(data) / 100, metadataShare: Number(metadata) / 100 }]
}

/** Asks a host what it is, and how long a round trip to it takes. Errors: those of `parseProbe` and of the control shell. */
export async function probe(
  shell: ControlShell,
  { name, storageRoot }: HostSettings,
  timeoutMs: number,
): Promise<{ facts: HostFacts; latencyMs: number }> {
  // The first question opens the shell; the second is one round trip and nothing else.
  await shell.ask([':'], { timeoutMs })
  const startedAt = performance.now()
  await shell.ask([':'])
  const latencyMs = performance.now() - startedAt
  const { stdout, stderr, exitCode } = await shell.ask(['sh', '-c', probeScript, 'probe.sh', storageRoot], { timeoutMs })
  const received = { hostName: name, at: Date.now(), latencyMs }
  if (exitCode !== 0) throw commandFailed(name, 'probe.sh', exitCode, stderr)
  return { facts: parseProbe(stdout, received), latencyMs }
}

/** A command that a host must be able to run, and did not. */
export function commandFailed(hostName: string, command: string, exitCode: number, output: string): ProblemError {
  const said = output.trim().split('\n').at(-1) ?? ''
  return new ProblemError('COMMAND_FAILED', `${command} failed on ${hostName}: ${said || `exit status ${exitCode}`}.`, {
    context: { host: hostName, command, exitCode, output },
  })
}
