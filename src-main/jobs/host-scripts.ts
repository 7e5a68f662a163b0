import type { Argv } from '../ssh/quote'
import auditScript from './audit.sh?raw'
import cancelScript from './cancel.sh?raw'
import followScript from './follow.sh?raw'
import { jobLibrary } from './library'
import listScript from './list.sh?raw'
import recoverScript from './recover.sh?raw'
import startScript from './start.sh?raw'

/** A script that stands behind the job library, so that what a job is and whether it lives is told in one place. */
const behindLibrary = (name: string, ...scripts: string[]) => {
  const text = [jobLibrary, ...scripts].join('\n')
  return (...operands: (string | number)[]): Argv => ['sh', '-c', text, name, ...operands.map(String)]
}

/** `(id, bytes of job.sh)`; job.json, a line, and job.sh follow on stdin. Then it follows the job. */
export const startJob = behindLibrary('start-job', startScript, followScript)
/** `(id, byte of the log to begin at)` */
export const followJob = behindLibrary('follow-job', followScript)
/** `(most ended jobs)` or `(count, id...)` */
export const listJobs = behindLibrary('list-jobs', listScript)
/** `(id, who@where)` */
export const cancelJob = behindLibrary('cancel-job', cancelScript)
/** `(id, who@where)` */
export const recoverJob = behindLibrary('recover-job', recoverScript)
/** `(id...)`: a line a command of their logs. */
export const auditJobs = behindLibrary('audit-jobs', auditScript)
/** `(id, file of its folder, most bytes of it)`: its end, on stdout. */
export const readJobFile = behindLibrary('read-job-file', 'tail -c "$3" -- "$STATE/jobs/$1/$2"\n')
