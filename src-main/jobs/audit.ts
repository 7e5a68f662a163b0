import type { AuditedJob } from '../../src-shared/contract/jobs'

/** What `audit.sh` printed, by job id: the commands in the order in which they ran. */
export function commandsByJob(text: string): ReadonlyMap<string, AuditedJob['commands']> {
  const commands = new Map<string, AuditedJob['commands']>()
  for (const line of text.split('\n')) {
    const [, id, undo, command] = /^([0-9A-Z]{26})\/log:(undo )?\$ (.*)$/.exec(line) ?? []
    if (id === undefined || command === undefined) continue
    const ofJob = commands.get(id) ?? []
    commands.set(id, ofJob)
    ofJob.push({ command, undo: undo !== undefined })
  }
  return commands
}
