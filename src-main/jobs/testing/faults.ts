/**
 * Where a job is cut. Its library has a cut point before and after every command, undo entry, event and the end itself; they
 * are counted from 1 anew in each process. `in` says whether the run or a recovery is meant. Each cut happens once a job.
 */
export type Cut = { at: number; in: 'run' | 'recover'; signal: 'KILL' | 'TERM' }

/** Words of the library around which a cut point stands on both sides. */
const cutWords = ['try', 'capture', 'undo_batch', 'undo_flush', 'job_event', 'job_end', 'job_write_pid', 'job_take_locks']
const inputMark = '\n# ---- input ----\n'
const undoMark = '    printf \'undo $ %s\\n\' "$job_line"'

/**
 * A rendered job (`standalone`) that cuts itself. For tests only: what is cut is the text that a test sends, the product has no
 * such switch. A cut beyond the last point lets the job end as ever: count `at` up until it does.
 */
export function withCuts(standalone: string, cuts: readonly Cut[]): string {
  let text = standalone
  const put = (old: string, instead: string) => {
    if (text.split(old).length !== 2) throw new Error(`The job library no longer holds ${JSON.stringify(old)} once.`)
    text = text.replace(old, () => instead)
  }
  for (const word of cutWords) put(`\n${word}() {\n`, `\nuncut_${word}() {\n`)
  put(undoMark, `    job_cut\n${undoMark}`)
  const cases = cuts.map(({ at, in: mode, signal }) => {
    const mark = `"$JOB/cut-${mode}-${at}"`
    return `    ${mode}-${at}) [ -e ${mark} ] || { : >${mark}; kill -${signal} $$; } ;;`
  })
  const wrapped = cutWords.map(
    (word) => `${word}() {\n  job_cut\n  cut_code=0\n  uncut_${word} "$@" || cut_code=$?\n  job_cut\n  return $cut_code\n}`,
  )
  const prelude = [
    'cut_count=0',
    'job_cut() {',
    '  cut_count=$((cut_count + 1))',
    '  case $job_mode-$cut_count in',
    ...cases,
    '  esac',
    '}',
    ...wrapped,
  ]
  put(inputMark, `\n${prelude.join('\n')}\n${inputMark}`)
  return text
}
