import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const program = join(import.meta.dirname, 'stubs/config.awk')
const recorded = join(import.meta.dirname, '../../src-main/xen/fixtures/xen-4.17/xl-list-l.json')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The config that the recorded domain was created from. */
const web = `name = "web-01"
uuid = "11111111-1111-4111-8111-111111111111"
type = "pv"
kernel = "/srv/guest/tinylinux"
ramdisk = '/srv/guest/tiny.cpio.gz'   # a comment
extra = "console=hvc0 quiet"
extra += " host=web-01"
memory = 24
vcpus = 1
vif = [ 'mac=00:16:3e:6c:a1:01,bridge=xenbr0' ]
disk = [ 'format=raw,vdev=xvda,access=ro,target=/dev/loop7',
         '/root/web-01.img,raw,xvdb,rw' ]
on_crash = "preserve"
`

function run(mode: string, text: string) {
  const file = join(folder, '17')
  writeFileSync(file, text)
  return spawnSync('awk', ['-v', `mode=${mode}`, '-v', `file=${file}`, '-v', 'as=web.cfg', '-f', program], { encoding: 'utf8' })
}

describe('the config reader of the pretend xl', () => {
  it('prints a running domain byte for byte as the recorded `xl list -l` does', () => {
    writeFileSync(join(folder, '17'), web)
    const row = ['17', 'web-01', '11111111-1111-4111-8111-111111111111', '24576', '1', 'running', 'pv', '0', '0', '0', '0']
    writeFileSync(join(folder, 'domains'), `${row.join('\t')}\n`)
    const printed = execFileSync('awk', ['-v', 'mode=list', '-v', `cfgs=${folder}`, '-f', program, join(folder, 'domains')], {
      encoding: 'utf8',
    })
    const text = readFileSync(recorded, 'utf8')
    const domain = text.slice(text.indexOf('    {\n        "domid": 17,'), text.indexOf(',\n    {\n        "domid": 18,'))
    expect(printed).toBe(`[\n${domain}\n]\n`)
  })

  it('reads the same from places and keys, from quotes of both kinds, and joins what is added', () => {
    expect(run('plain', web).stdout.split('\n')).toEqual([
      'name\tweb-01',
      'uuid\t11111111-1111-4111-8111-111111111111',
      'type\tpv',
      'memory\t24',
      'vcpus\t1',
      'kernel\t/srv/guest/tinylinux',
      'ramdisk\t/srv/guest/tiny.cpio.gz',
      'disk\txvda\tro\t/dev/loop7',
      'disk\txvdb\trw\t/root/web-01.img',
      'vif\t00:16:3e:6c:a1:01\txenbr0',
      '',
    ])
  })

  it('lets a target swallow commas, and ignores keys it does not know, as xl does', () => {
    const { stdout, status } = run('plain', `name = "a"\non_crsh = "x"\ndisk = [ 'vdev=xvda,access=w,target=/a,b c' ]\n`)
    expect(status).toBe(0)
    expect(stdout).toContain('disk\txvda\trw\t/a,b c\n')
  })

  it('ends at a syntax error in the words of xl', () => {
    const { stderr, status } = run('plain', 'name = "a"\nmemory =\n')
    expect(status).toBe(2)
    expect(stderr).toBe(
      "web.cfg:2: config parsing error near <newline>: syntax error, unexpected NEWLINE, expecting STRING or NUMBER or '['\n" +
        'Failed to parse config: Invalid argument\n',
    )
  })
})
