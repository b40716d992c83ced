/** Execution module `sys`: what a minion can do. */
import * as v from 'valibot'
import { isList, type Plain } from '../../shared/data/value.ts'
import { optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { compileGlob } from '../../shared/targeting/glob.ts'
import { type ExecFunction, execFunction, execModule, type MinionServices } from './contract.ts'
import { argumentSpec, type Described, documentation } from './function-docs.ts'

const names = optional(
  anything,
  'Modules, functions or patterns: `file`, `file.managed`, `file.*_exists`. None: all.',
)
const modules = optional(anything, 'Modules or patterns of them: `file`, `postgres*`. None: all.')

const wantedNames = (given: unknown): string[] =>
  isList(given) ? given.flatMap(wantedNames) : given === undefined ? [] : [String(given)]

/** A module stands for its functions, a pattern for what it matches. */
function chosen(all: readonly string[], given: unknown): string[] {
  const wanted = wantedNames(given).map((one) => ({ one, matches: compileGlob(one) }))
  if (wanted.length === 0) return [...all].sort()
  return all
    .filter((name) => wanted.some(({ one, matches }) => name.startsWith(`${one}.`) || matches(name)))
    .sort()
}

const moduleOf = (fun: string): string => fun.split('.')[0] ?? ''
const modulesOf = (functions: readonly string[], given: unknown): string[] =>
  chosen([...new Set(functions.map(moduleOf))], given)

/** Those of programs of the tree are in no list, and are found by their name alone. */
function execNames(given: unknown, { functions }: MinionServices): string[] {
  const others = wantedNames(given).filter((name) => functions.find(name) !== undefined)
  return [...new Set([...chosen(functions.names(), given), ...others])]
}

async function stateNames({ functions }: MinionServices): Promise<string[]> {
  const { stateModules } = await import('../states/registry.ts')
  const own = Object.entries(stateModules).flatMap(([module, { functions: table }]) =>
    Object.keys(table).map((name) => `${module}.${name}`),
  )
  return [...new Set([...own, ...(functions.stateNames?.() ?? [])])]
}

/** Each chosen state function, with the summary of its module before it where the module itself was asked for. */
async function stateDocs(given: unknown, services: MinionServices): Promise<Map<string, string>> {
  const { stateModules } = await import('../states/registry.ts')
  const docs = new Map<string, string>()
  const wanted = new Set(wantedNames(given))
  for (const [name, described] of await describedStates(given, services)) {
    const module = moduleOf(name)
    const about = Object.hasOwn(stateModules, module) ? stateModules[module]?.summary : undefined
    if (about !== undefined && (wanted.size === 0 || wanted.has(module))) docs.set(module, about)
    docs.set(name, documentation(name, described))
  }
  return docs
}

async function describedStates(given: unknown, services: MinionServices): Promise<[string, Described][]> {
  const { findState } = await import('../states/catalog.ts')
  const others = wantedNames(given).filter((name) => name.includes('.'))
  const all = new Set([...chosen(await stateNames(services), given), ...others])
  return [...all].flatMap((name): [string, Described][] => {
    const found = findState(moduleOf(name), name.slice(moduleOf(name).length + 1))
    return found === undefined ? [] : [[name, found]]
  })
}

function asked(
  summary: string,
  argument: typeof names,
  examples: readonly string[],
  answer: (given: unknown, services: MinionServices) => Plain | Promise<Plain>,
): ExecFunction {
  return execFunction({
    summary,
    args: v.strictObject({ names: argument }),
    rest: 'names',
    examples,
    readOnly: true,
    run: async (args, { services }) => answer(args.names, services),
  })
}

export const sysModule = execModule({
  summary: 'What a minion can do.',
  functions: {
    doc: asked(
      'Documentation of functions.',
      names,
      ['tsalt web1 sys.doc test.ping', 'tsalt web1 sys.doc cmd', "tsalt web1 sys.doc 'file.*_exists'"],
      (given, services) =>
        new Map(execNames(given, services).map((name) => [name, services.functions.describe(name)])),
    ),
    argspec: asked(
      'Arguments of functions: names, defaults of the last of them, and whether it takes others.',
      names,
      ['tsalt web1 sys.argspec file.chown'],
      (given, services) =>
        new Map(
          execNames(given, services).flatMap((name) => {
            const found = services.functions.find(name)
            return found === undefined ? [] : [[name, argumentSpec(found)] as const]
          }),
        ),
    ),
    list_functions: asked(
      'Names of functions.',
      names,
      ['tsalt web1 sys.list_functions state'],
      (given, { functions }) => chosen(functions.names(), given),
    ),
    list_modules: asked(
      'Names of execution modules.',
      modules,
      ['tsalt web1 sys.list_modules', "tsalt web1 sys.list_modules 's*'"],
      (given, { functions }) => modulesOf(functions.names(), given),
    ),
    state_doc: asked(
      'Documentation of state functions, and of a module that is named.',
      names,
      ['tsalt web1 sys.state_doc file.managed', 'tsalt web1 sys.state_doc service'],
      stateDocs,
    ),
    state_argspec: asked(
      'Arguments of state functions, as sys.argspec tells them.',
      names,
      ['tsalt web1 sys.state_argspec pkg.installed'],
      async (given, services) =>
        new Map((await describedStates(given, services)).map(([name, found]) => [name, argumentSpec(found)])),
    ),
    list_state_functions: asked(
      'Names of state functions.',
      names,
      ['tsalt web1 sys.list_state_functions file'],
      async (given, services) => chosen(await stateNames(services), given),
    ),
    list_state_modules: asked(
      'Names of state modules.',
      modules,
      ['tsalt web1 sys.list_state_modules', "tsalt web1 sys.list_state_modules 'mysql*'"],
      async (given, services) => modulesOf(await stateNames(services), given),
    ),
  },
})
