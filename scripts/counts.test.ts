import { describe, expect, it } from 'vitest'
import {
  none,
  one,
  playwrightCounts,
  playwrightListed,
  playwrightTroubles,
  plus,
  summaryLine,
  vitestCounts,
  vitestTroubles,
} from './counts.mjs'

// As vitest 4.1 and Playwright 1.65 write them, without the parts that are not read.
const vitestReport = {
  numPassedTests: 7,
  numFailedTests: 0,
  numPendingTests: 2,
  numTodoTests: 0,
  testResults: [{ status: 'passed', assertionResults: [{}] }],
}
const playwrightReport = { stats: { expected: 5, skipped: 1, unexpected: 0, flaky: 0 } }

describe('counts of vitest', () => {
  it('are those of its report', () => {
    expect(vitestCounts(vitestReport, 0)).toEqual({ passed: 7, failed: 0, skipped: 2 })
    expect(vitestCounts({ ...vitestReport, numFailedTests: 3 }, 1)).toEqual({ passed: 7, failed: 3, skipped: 2 })
  })

  it('hold a failure for a file that does not load', () => {
    const testResults = [...vitestReport.testResults, { status: 'failed', assertionResults: [] }]
    expect(vitestCounts({ ...vitestReport, testResults }, 1).failed).toBe(1)
  })

  it('hold a failure for a run that crashed, with or without a report', () => {
    expect(vitestCounts(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
    expect(vitestCounts({}, 0).failed).toBe(1)
    expect(vitestCounts(vitestReport, 1).failed).toBe(1)
    expect(vitestCounts(vitestReport, null).failed).toBe(1)
  })
})

describe('counts of Playwright', () => {
  it('are those of its report; flaky is passed', () => {
    expect(playwrightCounts(playwrightReport, 0)).toEqual({ passed: 5, failed: 0, skipped: 1 })
    expect(playwrightCounts({ stats: { expected: 5, skipped: 0, unexpected: 2, flaky: 1 } }, 1)).toEqual({
      passed: 6,
      failed: 2,
      skipped: 0,
    })
  })

  it('hold a failure for a run that crashed', () => {
    expect(playwrightCounts(undefined, 0).failed).toBe(1)
    expect(playwrightCounts(playwrightReport, 1).failed).toBe(1)
  })

  it('of a level that cannot run are the listed tests', () => {
    expect(playwrightListed({ stats: { expected: 0, skipped: 4, unexpected: 0, flaky: 0 } })).toBe(4)
    expect(playwrightListed(undefined)).toBe(0)
  })
})

describe('troubles', () => {
  it('are what failed, a line each', () => {
    const test = (status: string, ...failureMessages: string[]) => ({ status, fullName: `a host ${status}`, failureMessages })
    const testResults = [
      {
        status: 'failed',
        name: 'host.test.ts',
        assertionResults: [test('passed'), test('failed', '\u001b[31mError: no\u001b[39m\n at it')],
      },
      { status: 'failed', name: 'guest.test.ts', message: 'SyntaxError: one\ntwo', assertionResults: [] },
    ]
    expect(vitestTroubles({ ...vitestReport, testResults })).toEqual([
      'a host failed: Error: no',
      'guest.test.ts: SyntaxError: one',
    ])
    expect(vitestTroubles(undefined)).toEqual([])
  })

  it('are what passed at the second try, too', () => {
    const spec = (status: string, ...errors: string[]) => ({
      file: 'app.spec.ts',
      title: status,
      tests: [{ status, results: [...errors.map((message) => ({ error: { message } })), {}] }],
    })
    const suites = [
      { specs: [spec('expected')], suites: [{ specs: [spec('unexpected', 'Error: one\ntwo'), spec('flaky', 'Error: late')] }] },
    ]
    expect(playwrightTroubles({ ...playwrightReport, suites })).toEqual([
      'app.spec.ts > unexpected: Error: one',
      'passed at the second try: app.spec.ts > flaky: Error: late',
    ])
    expect(playwrightTroubles(undefined)).toEqual([])
  })
})

describe('the summary', () => {
  it('adds up the levels in one plain line', () => {
    const levels = [one(true), one(false), vitestCounts(vitestReport, 0), playwrightCounts(playwrightReport, 0)]
    expect(summaryLine(levels.reduce(plus, none))).toBe('13 passed, 1 failed, 3 skipped')
  })
})
