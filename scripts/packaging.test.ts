import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { expect, it } from 'vitest'

// The packager's own schema and YAML reader: its binaries cannot be fetched on every machine that runs the tests.
const root = join(import.meta.dirname, '..')
const require = createRequire(import.meta.url)
const packagerRequire = createRequire(require.resolve('app-builder-lib/package.json'))
const schema: object = packagerRequire('./scheme.json')
const yaml: { load(text: string): unknown } = packagerRequire('js-yaml')
const config = (): Record<string, unknown> =>
  yaml.load(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as Record<string, unknown>
const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema)
const problems = (value: unknown): unknown[] => {
  validate(value)
  return validate.errors ?? []
}

it('the packaging configuration fits the schema of electron-builder', () => {
  expect(problems(config())).toEqual([])
})

it('a wrong word in it would be found', () => {
  expect(problems({ ...config(), electronFuses: { runAsNodes: false } })).not.toEqual([])
  expect(problems({ ...config(), linux: { target: ['AppImage'], catagory: 'System' } })).not.toEqual([])
})

it('the packaged app cannot be run as Node, debugged, or given other code', () => {
  expect(config()).toMatchObject({
    asar: true,
    electronFuses: {
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
    },
  })
})

it('the package holds the licence in full', () => {
  expect(config().files).toContain('LICENSE')
  const licence = readFileSync(join(root, 'LICENSE'), 'utf8')
  expect(licence).toContain('GNU GENERAL PUBLIC LICENSE\n                       Version 3, 29 June 2007')
  expect(licence).toContain('17. Interpretation of Sections 15 and 16.')
})
