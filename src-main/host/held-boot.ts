import files from './boot-files.sh?raw'
import held from './held-boot.sh?raw'
import hold from './hold-boot.sh?raw'

/** Shell functions for what a host boots: where its files are, and how its menu is made and read. */
export const bootFiles = files

/** The same, and how a job holds a changed boot until it has proven itself. */
export const holdBoot = [files, hold].join('\n')

/** What watches over a held boot on its host, as a script of its own. */
export const heldScript = `#!/bin/sh\n${files}\n${held}`.trimEnd()

/** Held by whatever writes the boot menu of a host. */
export const bootLock = { name: 'boot', shared: false }
