import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const functions = readFileSync(join(import.meta.dirname, 'stubs/cpu.awk'), 'utf8')

/** What a guest uses of its vCPUs, as the product counts it: CPU seconds gone in every five, for an hour. */
function shares(domid: number, load: number, vcpus = 2): number[] {
  const row = [domid, 'web-01', 'uuid', 1024, vcpus, 'running', 'pvh', 1000, load, 50, 1000].join('\t')
  const program = `${functions}\n{ for (t = 1000; t <= 4600; t += 5) printf "%.6f\\n", cpu_seconds(t) }`
  const { stdout, stderr, status } = spawnSync('awk', ['-F', '\t', program], { input: `${row}\n`, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const seconds = stdout.trim().split('\n').map(Number)
  expect(seconds[0]).toBe(50)
  return seconds.slice(1).map((value, index) => (value - (seconds[index] ?? 0)) / 5 / vcpus)
}

it('makes a guest use its load over time, now more and now less, and never more than it has', () => {
  for (const load of [0.05, 0.3, 0.9]) {
    const used = shares(7, load)
    expect(used.reduce((sum, share) => sum + share, 0) / used.length).toBeCloseTo(load, 1)
    expect(Math.min(...used)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...used)).toBeLessThanOrEqual(1)
    expect(Math.max(...used) - Math.min(...used)).toBeGreaterThan(Math.min(load, 1 - load) / 2)
  }
})

it('gives each guest a course of its own, the same each time', () => {
  expect(shares(7, 0.2)).toEqual(shares(7, 0.2))
  expect(shares(7, 0.2)).not.toEqual(shares(8, 0.2))
})
