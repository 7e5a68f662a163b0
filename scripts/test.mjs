// npm test : sets up what is missing, runs every level even after a failure, and ends with the counts over all of them.
//   --quick  without the lab          --full  every fault at every step in the lab (DOMDECK_FULL=1)
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
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
import {
  chooseShell,
  electronLibraries,
  ensureBuild,
  ensureDebianPackages,
  ensureNodePackages,
  hasDisplay,
  hasSudo,
  isRoot,
  readJson,
  root,
  SetupError,
  say,
} from './setup.mjs'
import { shellFiles } from './shell-files.mjs'

/** @typedef {import('./counts.mjs').Counts} Counts */

const words = process.argv.slice(2)
const unknown = words.find((word) => !['--quick', '--full'].includes(word))
if (unknown) {
  console.error(`unknown option ${unknown}; node scripts/test.mjs [--quick] [--full]`)
  process.exit(2)
}
const quick = words.includes('--quick')
const results = join(root, 'test-results')
/** The lab of the tests is not the one a person works with: a port and a run folder of its own, the same build. */
const labEnvironment = { DOMDECK_LAB_PORT: process.env.DOMDECK_LAB_PORT ?? '2422' }
const environment = { ...process.env, ...labEnvironment, ...(words.includes('--full') ? { DOMDECK_FULL: '1' } : {}) }

/** Which tests failed, or passed only at the second try, for the end of the run. @type {string[]} */
const troubles = []

/** `output`: a file's descriptor, in place of one's sight. @typedef {{ env?: NodeJS.ProcessEnv, output?: number | 'inherit' }} How */

/** Runs a program; resolves to its exit code. @param {string} program @param {readonly string[]} args @param {How} [how] */
const run = (program, args, { env = environment, output = 'inherit' } = {}) =>
  /** @type {Promise<number | null>} */ (
    new Promise((resolve) => {
      const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', output, output] })
      child.on('error', (error) => {
        console.error(error.message)
        resolve(null)
      })
      child.on('exit', resolve)
    })
  )
/** @param {string} path below node_modules @param {readonly string[]} args @param {How} [how] */
const tool = (path, args, how) => run(process.execPath, [join(root, 'node_modules', path), ...args], how)

/** @param {string} project @param {How} [how] @returns {Promise<Counts>} */
async function vitest(project, how) {
  const report = join(results, `vitest-${project}.json`)
  rmSync(report, { force: true })
  const args = [
    'run',
    '--project',
    project,
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]
  const exitCode = await tool('vitest/vitest.mjs', args, how)
  troubles.push(...vitestTroubles(readJson(report)))
  return vitestCounts(readJson(report), exitCode)
}

/** @param {string} project @param {How & { list?: boolean, wrap?: boolean }} [how] `list`: only say which; `wrap`: on a display of its own */
async function playwright(project, { list = false, wrap = false, output = 'inherit' } = {}) {
  const report = join(results, `playwright-${project}.json`)
  rmSync(report, { force: true })
  const args = [
    'test',
    '--project',
    project,
    '--pass-with-no-tests',
    // Each empties its own folder as it begins.
    `--output=${join(results, `playwright-${project}`)}`,
    `--reporter=${list ? 'json' : 'list,json'}`,
    ...(list ? ['--list'] : []),
  ]
  const how = { env: { ...environment, PLAYWRIGHT_JSON_OUTPUT_NAME: report }, output }
  const cli = join(root, 'node_modules/@playwright/test/cli.js')
  const exitCode = wrap
    ? await run('xvfb-run', ['-a', process.execPath, cli, ...args], how)
    : await tool('@playwright/test/cli.js', args, how)
  troubles.push(...playwrightTroubles(readJson(report)))
  return { report: readJson(report), exitCode }
}

/** Tests of a level that cannot run here count as skipped. @param {string} project @param {string} reason @returns {Promise<Counts>} */
async function skipped(project, reason) {
  say(`${project} e2e is skipped: ${reason}`)
  const { report } = await playwright(project, { list: true })
  return { passed: 0, failed: 0, skipped: playwrightListed(report) }
}

const labProblem = () => {
  if (process.platform !== 'linux') return 'the lab needs Linux'
  const status = readJson(spawnOutput(join(root, 'lab/status')))
  if (status?.built || isRoot() || hasSudo()) return undefined
  return 'building the lab needs root, or sudo without a password'
}
/** @param {string} program @returns {string} a file that holds what it printed */
function spawnOutput(program) {
  const path = join(results, 'lab-status.json')
  const file = openSync(path, 'w')
  spawnSync(program, [], { cwd: root, env: environment, stdio: ['ignore', file, 'inherit'] })
  closeSync(file)
  return path
}

/** The lab's build, begun early and with low priority, so that it overlaps with the other levels. */
function beginLabBuild() {
  const log = join(results, 'lab-build.log')
  const file = openSync(log, 'w')
  const child = spawn('nice', ['-n', '10', join(root, 'lab/build')], {
    cwd: root,
    env: environment,
    stdio: ['ignore', file, file],
  })
  closeSync(file)
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => {
    child.on('error', () => resolve(null))
    child.on('exit', resolve)
  })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => {
      child.kill('SIGTERM')
      process.exit(130)
    })
  }
  return { log, ended }
}

/**
 * What runs in the lab, from when it is built. It runs beside the integration level, which leaves it a core, and not beside a browser, which does not; out
 * of sight: `log` is to be shown at the end.
 * @param {ReturnType<typeof beginLabBuild>} build
 */
function beginLab(build) {
  const log = join(results, 'lab.log')
  const output = openSync(log, 'w')
  const all = async () => {
    if ((await build.ended) !== 0 || (await run(join(root, 'lab/up'), [], { output })) !== 0) return one(false)
    const direct = await vitest('lab', { output })
    const { report, exitCode } = await playwright('lab', { output })
    await run(join(root, 'lab/down'), [], { output })
    return plus(plus(one(true), direct), playwrightCounts(report, exitCode))
  }
  return { log, counts: all().finally(() => closeSync(output)) }
}

/** @param {ReturnType<typeof beginLabBuild>} build @param {ReturnType<typeof beginLab>} tests @returns {Promise<Counts>} */
async function lab(build, tests) {
  say('waiting for the lab')
  const counts = await tests.counts
  for (const { log } of [build, tests]) console.log(readFileSync(log, 'utf8').trimEnd())
  return counts
}

/** @returns {Promise<Counts>} */
async function desktop() {
  const chosen = chooseShell({ tests: true })
  if (chosen.shell === 'browser') return skipped('desktop', chosen.reason)
  if (process.platform === 'linux')
    ensureDebianPackages([...electronLibraries, ...(hasDisplay() ? [] : ['xvfb', 'xauth'])], 'desktop e2e')
  const { report, exitCode } = await playwright('desktop', { wrap: process.platform === 'linux' && !hasDisplay() })
  return playwrightCounts(report, exitCode)
}

/** @returns {Promise<Counts>} */
async function shellcheck() {
  let counts = none
  for (const file of shellFiles(root))
    counts = plus(counts, one((await run('shellcheck', ['--external-sources', '--source-path=SCRIPTDIR', file])) === 0))
  return counts
}

const began = Date.now()
const minutes = () => `${((Date.now() - began) / 60_000).toFixed(1)} min`
/** @type {{ name: string, counts: Counts }[]} */
const levels = []
/** @param {string} name @param {() => Promise<Counts>} level */
async function level(name, level) {
  console.log(`\n== ${name} (at ${minutes()})`)
  const counts = await level().catch((/** @type {unknown} */ error) => {
    console.error(error instanceof SetupError ? `domdeck: ${error.message}` : error)
    return one(false)
  })
  levels.push({ name, counts })
}

mkdirSync(results, { recursive: true })
try {
  ensureNodePackages()
  const labPackages = quick ? [] : readFileSync(join(root, 'lab/parts/packages'), 'utf8').trim().split('\n')
  ensureDebianPackages(
    [
      'chromium',
      'openssh-client',
      'openssh-server',
      'shellcheck',
      'rrdtool',
      'sudo',
      'qemu-utils',
      'e2fsprogs',
      'grub2-common',
      'grub-pc-bin',
      ...labPackages,
    ],
    'tests',
  )
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  // What is missing fails the levels that need it; the others are still worth knowing.
  console.error(`domdeck: ${error.message}`)
  levels.push({ name: 'set-up', counts: one(false) })
}
const withoutLab = quick ? 'this is the quick run' : labProblem()
const labBuild = withoutLab ? undefined : beginLabBuild()

await level('lint', async () => one((await tool('@biomejs/biome/bin/biome', ['ci'])) === 0))
await level('types', async () => {
  let counts = none
  for (const project of ['node', 'web', 'e2e'])
    counts = plus(counts, one((await tool('typescript/bin/tsc', ['-p', `tsconfig.${project}.json`])) === 0))
  return counts
})
await level('shellcheck', shellcheck)
await level('unit', () => vitest('unit'))
// Before the integration level, whose simulated fleet is a program of the build.
await level('build', async () => {
  ensureBuild({ always: true })
  return one(true)
})
await level('browser e2e', async () => {
  const { report, exitCode } = await playwright('browser')
  return playwrightCounts(report, exitCode)
})
await level('desktop e2e', desktop)
const labTests = labBuild && beginLab(labBuild)
await level('integration', () => vitest('integration'))
if (labBuild && labTests) await level('lab e2e', () => lab(labBuild, labTests))
else if (!quick) await level('lab e2e', () => skipped('lab', withoutLab ?? ''))

console.log(`\n== all (${minutes()})`)
for (const { name, counts } of levels) console.log(`${name.padEnd(12)} ${summaryLine(counts)}`)
for (const trouble of troubles) console.log(trouble)
const total = levels.reduce((sum, { counts }) => plus(sum, counts), none)
process.exitCode = total.failed === 0 ? 0 : 1
console.log(summaryLine(total))
