// Counting tests over all levels.
import { stripVTControlCharacters } from 'node:util'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @type {Counts} */
export const none = { passed: 0, failed: 0, skipped: 0 }

/** @param {boolean} passed @returns {Counts} one check that is no test runner's, such as the types of a project */
export const one = (passed) => ({ passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 })

/** @param {Counts} a @param {Counts} b @returns {Counts} */
export const plus = (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped })

/** The last line of a run. @param {Counts} counts */
export const summaryLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`

/** A run that failed without a failed test (a crash, a file that does not load) counts as one failure.
 * @param {Counts} counts @param {boolean} succeeded @returns {Counts} */
const withCrash = (counts, succeeded) => (succeeded || counts.failed > 0 ? counts : plus(counts, one(false)))

/**
 * The counts in vitest's JSON report. A suite that cannot be loaded holds no tests; it counts as a failure.
 * @param {unknown} report parsed, or undefined where the run left none
 * @param {number | null} exitCode
 * @returns {Counts}
 */
export function vitestCounts(report, exitCode) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = /** @type {any} */ (report) ?? {}
  if (typeof numPassedTests !== 'number') return one(false)
  const unloaded = testResults.filter(
    /** @param {{ status: string, assertionResults: unknown[] }} file */
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length
  const counts = { passed: numPassedTests, failed: numFailedTests + unloaded, skipped: numPendingTests + numTodoTests }
  return withCrash(counts, exitCode === 0)
}

/**
 * The counts in Playwright's JSON report. A flaky test passed only at the second try: it counts as passed, and `playwrightTroubles` names it.
 * @param {unknown} report parsed, or undefined where the run left none
 * @param {number | null} exitCode
 * @returns {Counts}
 */
export function playwrightCounts(report, exitCode) {
  const { stats } = /** @type {any} */ (report) ?? {}
  if (typeof stats?.expected !== 'number') return one(false)
  const counts = { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }
  return withCrash(counts, exitCode === 0)
}

/** How many tests a Playwright report lists, however they went: those of a level that cannot run here. @param {unknown} report */
export function playwrightListed(report) {
  const { stats } = /** @type {any} */ (report) ?? {}
  return typeof stats?.expected === 'number' ? stats.expected + stats.unexpected + stats.flaky + stats.skipped : 0
}

/** @param {string | undefined} message */
const firstLine = (message) => stripVTControlCharacters(message ?? '').split('\n', 1)[0]

/**
 * The tests that failed by vitest's JSON report, a line each, for the end of a long run.
 * @param {unknown} report parsed, or undefined where the run left none
 * @returns {string[]}
 */
export function vitestTroubles(report) {
  const { testResults = [] } = /** @type {any} */ (report) ?? {}
  return testResults.flatMap((/** @type {any} */ file) =>
    file.status === 'failed' && file.assertionResults.length === 0
      ? [`${file.name}: ${firstLine(file.message)}`]
      : file.assertionResults
          .filter((/** @type {any} */ test) => test.status === 'failed')
          .map((/** @type {any} */ test) => `${test.fullName}: ${firstLine(test.failureMessages[0])}`),
  )
}

/**
 * The tests that failed, or passed only at the second try, by Playwright's JSON report: a line each.
 * @param {unknown} report parsed, or undefined where the run left none
 * @returns {string[]}
 */
export function playwrightTroubles(report) {
  /** @param {any} suite @returns {string[]} */
  const of = ({ suites = [], specs = [] }) => [
    ...specs.flatMap((/** @type {any} */ { file, title, tests }) =>
      tests
        .filter((/** @type {any} */ { status }) => status === 'unexpected' || status === 'flaky')
        .map((/** @type {any} */ { status, results }) => {
          const failed = results.find((/** @type {any} */ { error }) => error)
          return `${status === 'flaky' ? 'passed at the second try: ' : ''}${file} > ${title}: ${firstLine(failed?.error.message)}`
        }),
    ),
    ...suites.flatMap(of),
  ]
  return of(/** @type {any} */ (report) ?? {})
}
