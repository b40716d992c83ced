/** The directions of imports with their reasons, registries equal to folders, and size budgets. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const project = resolve(import.meta.dirname, '..')

function filesUnder(folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(project, join(entry.parentPath, entry.name)))
}

const sources = ['shared', 'minion', 'master'].flatMap(filesUnder)
const text = new Map(sources.map((file) => [file, readFileSync(join(project, file), 'utf8')]))

/** Targets of a file's imports: paths in the project, or package names. */
function importsOf(file: string): string[] {
  const found = (text.get(file) ?? '').matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\n[^'"]*?)?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g,
  )
  return [...found].map((match) => {
    const target = match[1] ?? match[2] ?? match[3] ?? ''
    return target.startsWith('.') ? relative(project, resolve(project, dirname(file), target)) : target
  })
}

interface Forbidden {
  readonly from: RegExp
  readonly to: RegExp
  readonly because: string
  readonly except?: RegExp
}

const forbidden: readonly Forbidden[] = [
  {
    from: /^shared\//,
    to: /^(?:minion|master)\//,
    because: 'shared is what both sides load, so it knows neither',
  },
  { from: /^minion\//, to: /^master\//, because: 'a minion must not carry the code of the master' },
  {
    from: /^master\//,
    to: /^minion\//,
    because: 'the master learns of state modules from the generated schema only',
  },
  {
    from: /^minion\//,
    to: /^(?:better-sqlite3|fastify)$/,
    because: 'the minion has no native dependency and starts fast',
  },
  {
    from: /./,
    to: /^(?:node:)?child_process$/,
    except:
      /^minion\/system\/|^shared\/process-group\.ts$|^master\/quickstart\/|^master\/server|^(?:master|minion)\/[a-z-]+\/(?:[a-z-]+\/)?(?:notify|service-notify|sd-notify|systemd-notify)[a-z-]*\.ts$|^master\/notify|^minion\/notify/,
    because:
      'what runs programs is in one place: time-outs, process groups and clean environments are written once',
  },
  {
    from: /^(?:shared\/(?:sls|pillar|data|targeting)|minion\/(?:states|run))\//,
    to: /^(?:node:)?(?:fs|fs\/promises|net|tls|http|https|child_process)$/,
    because: 'the language and the states see the world through ports, so they run on data in tests',
  },
  {
    from: /^minion\/states\//,
    to: /^minion\/(?:system\/os-|providers\/)/,
    because: 'states know the Reader and Changer, not who implements them',
  },
  {
    from: /^master\/(?!store\/sqlite)/,
    to: /^better-sqlite3$/,
    because: 'everything but the driver talks to the store interfaces',
  },
]

describe('imports', () => {
  for (const rule of forbidden) {
    test(`${rule.from.source} does not import ${rule.to.source}: ${rule.because}`, () => {
      const broken = sources
        .filter((file) => rule.from.test(file) && !rule.except?.test(file))
        .flatMap((file) =>
          importsOf(file)
            .filter((target) => rule.to.test(target))
            .map((target) => `${file} -> ${target}`),
        )
      expect(broken).toEqual([])
    })
  }
})

describe('registries', () => {
  const registered = (file: string): string[] =>
    importsOf(file)
      .filter((target) => target.startsWith('m'))
      .sort()

  test.each([
    ['minion/modules/registry.ts', 'minion/modules', ['contract.ts', 'registry.ts']],
    ['minion/states/registry.ts', 'minion/states', ['contract.ts', 'registry.ts']],
  ])('%s names every module of its folder', (registry, folder, known) => {
    const modules = readdirSync(join(project, folder), { withFileTypes: true })
      .filter((entry) => !known.includes(entry.name))
      .map((entry) =>
        entry.isDirectory() ? `${folder}/${entry.name}/${entry.name}.ts` : `${folder}/${entry.name}`,
      )
      .filter((file) => /\b(?:stateModule|execModule)\(/.test(text.get(file) ?? ''))
    const names = registered(registry).filter(
      (target) => target.startsWith(`${folder}/`) && !/contract/.test(target),
    )
    expect(modules.length).toBeGreaterThan(0)
    expect(names.filter((name) => modules.includes(name)).sort()).toEqual(modules.sort())
  })
})

describe('budgets', () => {
  test('files stay under 300 lines', () => {
    // The error tables are data.
    const long = sources.filter(
      (file) => !file.startsWith('shared/errors/') && (text.get(file) ?? '').split('\n').length > 301,
    )
    expect(long).toEqual([])
  })

  test('no file is named after nothing', () => {
    const vague = sources
      .filter((file) => !file.endsWith('handlebars/helpers.ts'))
      .filter((file) => /(?:^|\/)(?:utils?|helpers?|types|manager|misc|common)\.ts$/.test(file))
    expect(vague).toEqual([])
  })

  test('clock and randomness come from shared/clock.ts', () => {
    const direct = sources.filter(
      (file) =>
        !/^shared\/clock\.ts$|^master\/quickstart\//.test(file) &&
        /\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)/.test(text.get(file) ?? ''),
    )
    expect(direct).toEqual([])
  })
})
