/** Programs in parts, and registries whose modules are loaded when they are asked for. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const project = resolve(import.meta.dirname, '../../../..')
const bundle = (file: string): string => join(project, 'shared/bundle', file)

interface Bundling {
  lazyRegistry(source: string, file: string): string
  bundleInParts(
    options: Record<string, unknown>,
    where: { folder: string; parts: string },
  ): Promise<Map<string, string>>
  readonly registriesLazy: unknown
}
const { lazyRegistry, bundleInParts } = {
  ...((await import(bundle('lazy-registry.mjs'))) as Bundling),
  ...((await import(bundle('parts.mjs'))) as Bundling),
}

const folder = mkdtempSync(join(tmpdir(), 'tsalt-parts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('registries', () => {
  test.each(['minion/states/registry.ts', 'minion/modules/registry.ts'])(
    '%s is lazy in the bundle',
    (file) => {
      const source = readFileSync(join(project, file), 'utf8')
      const lazy = lazyRegistry(source, file)
      const imported = source.match(/^import \{/gm)?.length ?? 0
      expect(
        lazy.match(/^ {2}get \w+\(\) \{ return __now\(import\('\.\/[^']+'\)\)\.\w+ \},$/gm),
      ).toHaveLength(imported)
      expect(lazy).not.toMatch(/^import \{/m)
    },
  )

  test('a line that would not become lazy breaks the build', () => {
    const table = (line: string): string =>
      `import { a } from './a.ts'\n\nexport const modules: M = {\n${line}\n}\n`
    expect(lazyRegistry(table('  a,'), 'r.ts')).toContain("get a() { return __now(import('./a.ts')).a },")
    expect(lazyRegistry(table('  a_b: a,'), 'r.ts')).toContain('get a_b()')
    expect(() => lazyRegistry(table('  ...a,'), 'r.ts')).toThrow('an entry is')
    expect(() => lazyRegistry(table('  b,'), 'r.ts')).toThrow('b has no import line')
  })
})

test('a part is loaded when it is asked for, also after the files of the program have gone', async () => {
  const file = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  file('word.mjs', `console.log('word loaded')\nexport const word = 'grün'`)
  file(
    'later.mjs',
    `import { word } from './word.mjs'\nconsole.log('later loaded')\nexport const say = () => word`,
  )
  file(
    'program.mjs',
    `import { unlinkSync } from 'node:fs'
    const { log } = console
    log('started')
    for (const ending of ['cjs', 'parts']) unlinkSync(__filename.replace('program.cjs', 'program.' + ending))
    export const later = { get it() { return __now(import('./later.mjs')).say() } }
    log(later.it, later.it)
    import('./word.mjs').then(({ word }) => log(word))`,
  )
  const options = {
    bundle: true,
    platform: 'node',
    target: 'node20',
    absWorkingDir: project,
    entryPoints: { program: join(folder, 'program.mjs') },
  }
  const made = await bundleInParts(options, { folder, parts: 'program.parts' })
  file('program.cjs', made.get('program') ?? '')
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'program.cjs')], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(stdout.trim().split('\n')).toEqual(['started', 'word loaded', 'later loaded', 'grün grün', 'grün'])
})
