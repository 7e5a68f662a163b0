import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConsoleMark } from '../../src-shared/models/console'
import { isWorse, TroubleFinder } from './trouble'

const find = (...chunks: string[]) => {
  const finder = new TroubleFinder()
  return chunks.map((chunk) => finder.push(Buffer.from(chunk))).findLast((found) => found !== undefined)
}

describe('trouble that a kernel tells of', () => {
  // As Linux 4.19 to 6.12 print them.
  it.each<[ConsoleMark['kind'], string]>([
    ['panic', '[    1.912847] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)'],
    ['panic', '[  812.345678][  T712] Kernel panic - not syncing: sysrq triggered crash'],
    ['panic', 'Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100'],
    ['oops', '[   97.123456] BUG: kernel NULL pointer dereference, address: 0000000000000000'],
    ['oops', '[   97.123456] BUG: unable to handle page fault for address: ffffffffc0a01000'],
    ['oops', '[   97.234567] Oops: 0002 [#1] PREEMPT SMP PTI'],
    ['oops', '[   97.234567] general protection fault, probably for non-canonical address 0xdead: 0000 [#1] SMP'],
    ['oops', '[   97.234567] kernel BUG at fs/ext4/inode.c:2748!'],
    ['watchdog', '[  224.123456] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [kworker/1:1:52]'],
    ['watchdog', '[  224.123456] NMI watchdog: Watchdog detected hard LOCKUP on cpu 3'],
    ['watchdog', '[  224.123456] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:'],
    ['watchdog', '[  224.123456] INFO: task jbd2/xvda-8:142 blocked for more than 120 seconds.'],
    ['memory', '[ 5123.123456] Out of memory: Killed process 812 (java) total-vm:2048000kB, anon-rss:900000kB'],
    ['memory', '[ 5123.123456] Memory cgroup out of memory: Killed process 812 (java)'],
  ])('%s: %s', (kind, line) => {
    expect(find(`${line}\r\n`)).toEqual({ kind, line })
  })

  it('is found behind a prompt, and between the escape sequences of colours', () => {
    const line = '[  812.345678] Kernel panic - not syncing: Fatal exception'
    expect(find(`web-07 login: ${line}\r\n`)).toEqual({ kind: 'panic', line })
    expect(find(`\u001b[1;31m${line}\u001b[0m\r\n`)).toEqual({ kind: 'panic', line })
  })

  it('is not what a program says about it', () => {
    for (const line of [
      'root@web-07:~# grep "Kernel panic - not syncing" /var/log/kern.log',
      'Nov 22 10:11:12 web-07 kernel: Out of memory: a story',
      '[  OK  ] Started Watchdog of general things.',
      '# Kernel panic - not syncing',
      'Reading: Out of memory: Killed process 1 (init)',
    ])
      expect(find(`${line}\n`)).toBeUndefined()
  })

  it('is told of when its line is complete', () => {
    expect(find('[  1.000000] Kernel panic - not syncing: wait')).toBeUndefined()
    expect(find('[  1.000000] Kernel panic - not sync', 'ing: now', '\n')).toMatchObject({ line: expect.stringMatching(/now$/) })
  })

  it('is found on each line without a time, whatever the lines around it begin with', () => {
    const around = 'Nov 22 06:12:01 web-07 cron[1]: Kernel of nothing\nBUG\n'
    for (const before of ['', around, `${around}Oops: 0002 [#1] SMP\n`, '\n\n', '] Oops: \n'])
      expect(find(`${before}Kernel panic - not syncing: now\r\n${around}`)).toEqual({
        kind: 'panic',
        line: 'Kernel panic - not syncing: now',
      })
    expect(find(`${around}<0>Kernel panic - not syncing: now\n`)?.kind).toBe('panic')
    expect(find(`${around}\rKernel panic - not syncing: now\n`)?.kind).toBe('panic')
  })

  it('is the worst of what one piece of output tells', () => {
    expect(
      find(
        '[ 1.000000] Oops: 0002 [#1] SMP\n[ 1.100000] Kernel panic - not syncing: Fatal exception\n[ 1.200000] Out of memory: Killed process 1 (a)\n',
      )?.kind,
    ).toBe('panic')
    expect(isWorse('panic', 'oops')).toBe(true)
    expect(isWorse('memory', 'oops')).toBe(false)
    expect(isWorse('oops', 'oops')).toBe(false)
  })

  it('is the same in whatever pieces the output comes', () => {
    const said = Buffer.from(
      'login: [ 1.000000] Out of memory: Killed process 9 (ü)\r\nmore\nKernel panic - not syncing: x\r\nrest',
    )
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: said.length - 1 })), (places) => {
        const finder = new TroubleFinder()
        const found: string[] = []
        let from = 0
        for (const to of [...new Set(places), said.length].sort((a, b) => a - b)) {
          const trouble = finder.push(said.subarray(from, to))
          if (trouble) found.push(trouble.kind)
          from = to
        }
        expect(found.at(-1)).toBe('panic')
      }),
    )
  })

  it('never throws and never says much, whatever the guest prints', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), fc.boolean(), (chunks, ends) => {
        const finder = new TroubleFinder()
        for (const chunk of chunks) {
          const found = finder.push(chunk)
          if (found) expect(found.line.length).toBeLessThanOrEqual(200)
          if (ends) expect(finder.push(Buffer.from(`\n[ 1.000000] Oops: ${'\u0007x'.repeat(500)}\n`))?.line).toHaveLength(200)
        }
      }),
    )
  })
})
