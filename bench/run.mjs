// npm run bench [-- NAME...] [-- --write] : sets up what is missing, measures, and ends with one table of figures against their targets.
//   --write  also puts the table into docs/performance.md
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuild, ensureDebianPackages, ensureNodePackages, root, SetupError } from '../scripts/setup.mjs'

try {
  ensureNodePackages()
  ensureDebianPackages(['chromium', 'openssh-client'], 'the benches')
  ensureBuild()
  mkdirSync(join(root, 'test-results'), { recursive: true })
  // The lab of the benches is not the one a person works with: a port and a run folder of its own, the same build.
  process.env.DOMDECK_LAB_PORT ??= '2522'
  // After the set-up, for a fresh clone has no vite yet. The benches use rooms of the product, which are TypeScript with scripts
  // as raw text.
  const { runnerImport } = await import('vite')
  const { module } = await runnerImport(join(root, 'bench/all.ts'), { root, configFile: false, logLevel: 'error' })
  process.exitCode = await module.runBenches(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof SetupError ? `domdeck: ${error.message}` : error)
  process.exitCode = 1
}
// What a bench leaves behind (a socket, a browser's pipe) must not keep this alive.
process.exit()
