/** Execution module `sys`: what a minion can do. */
import * as v from 'valibot'
import { isList } from '../../shared/data/value.ts'
import { optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { execFunction, execModule, type MinionServices } from './contract.ts'

const which = v.strictObject({
  names: optional(anything, 'Modules or functions: `file`, `file.managed`. None: all.'),
})

const wantedNames = (names: unknown): string[] =>
  isList(names) ? names.map(String) : names === undefined ? [] : [String(names)]

function chosen(all: readonly string[], names: unknown): string[] {
  const wanted = wantedNames(names)
  if (wanted.length === 0) return [...all].sort()
  return all.filter((name) => wanted.some((one) => name === one || name.startsWith(`${one}.`))).sort()
}

const stateNames = async ({ functions }: MinionServices): Promise<string[]> => {
  const { stateModules } = await import('../states/registry.ts')
  const own = Object.entries(stateModules).flatMap(([module, { functions: table }]) =>
    Object.keys(table).map((name) => `${module}.${name}`),
  )
  return [...new Set([...own, ...(functions.stateNames?.() ?? [])])]
}

export const sysModule = execModule({
  summary: 'What a minion can do.',
  functions: {
    doc: execFunction({
      summary: 'Documentation of functions.',
      args: which,
      rest: 'names',
      examples: ['tsalt web1 sys.doc test.ping', 'tsalt web1 sys.doc cmd'],
      readOnly: true,
      run: async ({ names }, { services: { functions } }) => {
        // Those of programs of the tree are in no list.
        const others = wantedNames(names).filter((name) => functions.find(name) !== undefined)
        const all = new Set([...chosen(functions.names(), names), ...others])
        return new Map([...all].map((name) => [name, functions.describe(name)]))
      },
    }),
    list_functions: execFunction({
      summary: 'Names of functions.',
      args: which,
      rest: 'names',
      examples: ['tsalt web1 sys.list_functions state'],
      readOnly: true,
      run: async ({ names }, { services }) => chosen(services.functions.names(), names),
    }),
    list_modules: execFunction({
      summary: 'Names of execution modules.',
      args: v.strictObject({}),
      examples: ['tsalt web1 sys.list_modules'],
      readOnly: true,
      run: async (_, { services }) =>
        [...new Set(services.functions.names().map((name) => name.split('.')[0] ?? ''))].sort(),
    }),
    list_state_functions: execFunction({
      summary: 'Names of state functions.',
      args: which,
      rest: 'names',
      examples: ['tsalt web1 sys.list_state_functions file'],
      readOnly: true,
      run: async ({ names }, { services }) => chosen(await stateNames(services), names),
    }),
    list_state_modules: execFunction({
      summary: 'Names of state modules.',
      args: v.strictObject({}),
      examples: ['tsalt web1 sys.list_state_modules'],
      readOnly: true,
      run: async (_, { services }) =>
        [...new Set((await stateNames(services)).map((name) => name.split('.')[0] ?? ''))].sort(),
    }),
  },
})
