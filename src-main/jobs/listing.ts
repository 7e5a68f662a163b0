import { jobIdSchema } from '../../src-shared/models/job'
import { ProblemError } from '../../src-shared/problem'
import { type JobAbout, jobAboutSchema } from './events'

/** One job as `list.sh` found it. `status` is the word of the status file of an ended one. */
export type ListedJob = {
  id: string
  life: 'alive' | 'dead' | 'new' | 'ended'
  undoLeft: boolean
  status?: string
  about: JobAbout
  events: string
}

/** A job that waits for its host to be back from a reboot is at work. */
const lives: Readonly<Record<string, ListedJob['life']>> = {
  alive: 'alive',
  resuming: 'alive',
  dead: 'dead',
  new: 'new',
  ended: 'ended',
}

/** A job whose job.json cannot be read is still shown: it may need its recovery. */
const unreadable = (id: string): JobAbout => ({
  operation: 'unknown',
  title: `Job ${id}`,
  targets: [],
  steps: [],
  by: 'unknown',
  from: 'unknown',
})

/** The text of job.json, or what stands in for it. */
export function parseAbout(id: string, text: string): JobAbout {
  try {
    const about = jobAboutSchema.safeParse(JSON.parse(text))
    return about.success ? about.data : unreadable(id)
  } catch {
    return unreadable(id)
  }
}

/** The files behind `==> name <==` headers, as `tail -v` of coreutils writes them. */
function filesOf(lines: readonly string[]): Map<string, string> {
  const files = new Map<string, string[]>()
  let file: string[] = []
  for (const line of lines) {
    const header = /^==> (\S+) <==$/.exec(line)?.[1]
    if (header === undefined) file.push(line)
    else {
      file = []
      files.set(header, file)
    }
  }
  return new Map([...files].map(([name, content]) => [name, content.join('\n')]))
}

/**
 * What `list.sh` printed: the clock of the host in epoch seconds (absent while no job was ever run there), and its jobs,
 * newest first. Throws UNEXPECTED_OUTPUT when it is not that.
 */
export function parseListing(text: string): { nowSeconds?: number; jobs: ListedJob[] } {
  if (text === '') return { jobs: [] }
  const lines = text.split('\n')
  const nowSeconds = Number(/^now (\d+)$/.exec(lines[0] ?? '')?.[1])
  if (!Number.isFinite(nowSeconds)) throw new ProblemError('UNEXPECTED_OUTPUT', 'The host did not list its jobs.')
  const files = filesOf(lines)
  const jobs: ListedJob[] = []
  for (const line of lines.slice(1)) {
    const [, id = '', word = '', undo] = /^job (\S+) (\S+)( undo)?$/.exec(line) ?? []
    if (id === '') break
    const life = lives[word]
    if (!life || !jobIdSchema.safeParse(id).success) continue
    const status = files.get(`${id}/status`)?.trim()
    jobs.push({
      id,
      life,
      undoLeft: undo !== undefined,
      ...(status ? { status } : {}),
      about: parseAbout(id, files.get(`${id}/job.json`) ?? ''),
      events: files.get(`${id}/events`) ?? '',
    })
  }
  return { nowSeconds, jobs }
}
