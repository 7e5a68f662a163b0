import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { shellFiles } from './shell-files.mjs'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'domdeck-shell-'))
})
afterEach(() => rmSync(root, { recursive: true }))

it('finds shell scripts by ending, by first line, and by their word to shellcheck', () => {
  const files = {
    'lab/build': '#!/bin/bash\n',
    'lab/env': '# shellcheck shell=bash disable=SC2034\n',
    'lab/README.md': '# shellcheck shell=bash\n',
    'lab/parts/packages': 'binutils\n',
    'lab/tiny-initrd/init': '#!/bin/busybox sh\n',
    'resources/guest/hook': '#!/usr/bin/env sh\n',
    'src-main/jobs/job.sh': 'step one\n',
    'scripts/start.mjs': '#!/usr/bin/env node\n',
    'node_modules/tool/run.sh': '#!/bin/sh\n',
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  expect(shellFiles(root)).toEqual([
    'lab/build',
    'lab/env',
    'lab/tiny-initrd/init',
    'resources/guest/hook',
    'src-main/jobs/job.sh',
  ])
})
