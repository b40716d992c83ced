/** The documentation is true: generated files are up to date, arguments described, examples compile, links lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { argumentsOf } from '../docs/generate/arguments.ts'
import { anchor } from '../docs/generate/function-pages.ts'
import { generatedFolders, generatePages } from '../docs/generate/pages.ts'
import { bindArguments } from '../minion/jobs/bind-arguments.ts'
import { execModules } from '../minion/modules/registry.ts'
import { shellWords } from '../minion/modules/shell-words.ts'
import { stateCatalog } from '../minion/states/catalog.ts'
import { stateModules } from '../minion/states/registry.ts'
import { parseArguments } from '../shared/cli-arguments/parse.ts'
import { describeError } from '../shared/errors/error.ts'
import { errorCodes } from '../shared/errors/registry.ts'
import { compileStates } from '../shared/sls/compile.ts'
import { memoryTree } from './unit/shared/sls/memory-tree.ts'

const project = resolve(import.meta.dirname, '..')
const docs = join(project, 'docs')
const pages = generatePages()

describe('generated files', () => {
  test.each([...pages])('%s is what "npm run docs" writes', (path, text) => {
    const file = join(docs, path)
    expect(existsSync(file), 'run npm run docs').toBe(true)
    expect(readFileSync(file, 'utf8'), 'run npm run docs').toBe(text)
  })

  test('nothing else lies among them', () => {
    const found = generatedFolders.flatMap((folder) =>
      readdirSync(join(docs, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(docs, join(entry.parentPath, entry.name))),
    )
    expect(found.sort()).toEqual([...pages.keys()].sort())
  })

  test('every error code has its section', () => {
    const page = pages.get('reference/errors.md') ?? ''
    expect(Object.keys(errorCodes).filter((code) => !page.includes(`\n## ${code}\n`))).toEqual([])
  })

  test('every reference of a schema leads somewhere', () => {
    const broken: string[] = []
    for (const [path, text] of pages) {
      if (!path.endsWith('.json')) continue
      for (const [, reference = ''] of text.matchAll(/"\$ref": "([^"]+)"/g)) {
        const [file = '', pointer = ''] = reference.split('#')
        const target = pages.get(file === '' ? path : join(dirname(path), file))
        const found = pointer
          .split('/')
          .slice(1)
          .reduce<unknown>(
            (at, key) => (at as Record<string, unknown> | undefined)?.[key],
            JSON.parse(target ?? '{}'),
          )
        if (found === undefined) broken.push(`${path}: ${reference}`)
      }
    }
    expect(broken).toEqual([])
  })
})

const stateFunctions = Object.entries(stateModules).flatMap(([module, { functions }]) =>
  Object.entries(functions).map(([fun, definition]) => [`${module}.${fun}`, definition] as const),
)
const execFunctions = Object.entries(execModules).flatMap(([module, { functions }]) =>
  Object.entries(functions).map(([fun, definition]) => [`${module}.${fun}`, definition] as const),
)

describe('functions', () => {
  test.each([...stateFunctions, ...execFunctions])(
    '%s describes itself and its arguments',
    (_, definition) => {
      expect(definition.summary).toMatch(/^[-A-Z0-9][\s\S]*[.!]$/)
      expect(definition.examples.length).toBeGreaterThan(0)
      const silent = argumentsOf(definition.args).filter(
        ({ description }) => !/^\S[\s\S]*[.!)]$/.test(description),
      )
      expect(silent.map(({ name }) => name)).toEqual([])
    },
  )

  test.each(stateFunctions)('the examples of %s compile', async (name, definition) => {
    for (const example of definition.examples) {
      const compiled = await compileStates({
        tree: memoryTree({ base: { 'example.sls': `#!yaml\n${example}` } }),
        subject: { id: 'web1', grains: new Map(), pillar: new Map(), opts: new Map() },
        catalog: stateCatalog,
        settings: {
          stateTop: 'top',
          topMerging: 'merge',
          environmentOrder: [],
          defaultTop: 'base',
          renderer: 'yaml',
        },
        sls: ['example'],
      })
      expect(compiled.errors.map(describeError)).toEqual([])
      expect(compiled.chunks.map(({ state, fun }) => `${state}.${fun}`)).toContain(name)
    }
  })
})

describe('examples of execution functions', () => {
  test.each(execFunctions)('of %s are calls that bind', (name, definition) => {
    for (const example of definition.examples) {
      const said = shellWords(example)
      const end = said.findIndex((word) => word === '|' || word === '>')
      const line = (end === -1 ? said : said.slice(0, end)).filter((word) => !word.startsWith('--'))
      // The target may be left out where the master has one of its own, and there is none for this machine itself.
      const [program = '', fun = '', ...words] =
        line[1] === name ? line : line.filter((_, index) => index !== 1)
      expect([program.replace(/-call$/, ''), fun], example).toEqual(['tsalt', name])
      const { args, kwargs } = parseArguments(words, fun)
      const wrong = trouble(() =>
        bindArguments(
          fun,
          definition,
          args,
          new Map([...kwargs].map(([key, value]) => [String(key), value])),
        ),
      )
      expect(wrong, example).toBe('')
    }
  })
})

function trouble(attempt: () => unknown): string {
  try {
    attempt()
    return ''
  } catch (error) {
    return describeError(error)
  }
}

describe('links', () => {
  const files = [join(project, 'README.md'), ...markdownBelow(docs)].filter((file) => existsSync(file))

  test.each(files.map((file) => [relative(project, file), file]))('of %s lead somewhere', (_, file) => {
    const text = readFileSync(file, 'utf8').replace(/```[\s\S]*?```|`[^`\n]*`/g, '')
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(file, target))
    expect(broken).toEqual([])
  })
})

function markdownBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name))
}

function leadsSomewhere(from: string, target: string): boolean {
  const [path = '', section] = target.split('#')
  const file = path === '' ? from : resolve(dirname(from), path)
  if (!existsSync(file)) return false
  if (section === undefined || !file.endsWith('.md')) return true
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map((match) =>
    anchor(match[1] ?? ''),
  )
  return headings.includes(section)
}
