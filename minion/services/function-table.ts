/** The execution functions of the registry by name, with their documentation. */

import { nearest } from '../../shared/data/nearest.ts'
import type { ExecFunction, MinionServices } from '../modules/contract.ts'
import { documentation } from '../modules/function-docs.ts'
import { execModules } from '../modules/registry.ts'

/** Functions that are not in the registry. */
export interface OtherFunctions {
  function(name: string): ExecFunction | undefined
  why(kind: 'modules', name: string): string | undefined
  /** Those that can be listed. */
  names?(kind: 'modules' | 'states'): readonly string[]
}

/** @param others programs of the tree; what the registry has is never theirs */
export function functionTable(others?: OtherFunctions): MinionServices['functions'] {
  const find = (name: string): ExecFunction | undefined => findFunction(name) ?? others?.function(name)
  return {
    names: () => {
      const ofTree = others?.names?.('modules') ?? []
      return ofTree.length === 0 ? functionNames() : [...new Set([...functionNames(), ...ofTree])]
    },
    find,
    stateNames: () => others?.names?.('states') ?? [],
    why: (name) => others?.why('modules', name) ?? notOffered(name),
    describe: (name) => {
      const definition = find(name)
      return definition ? documentation(name, definition) : `There is no function ${name}.`
    },
  }
}

const secretsHint =
  'Put the secret into the pillar: "#!yaml|gpg" or "#!yaml|age" opens encrypted values, and ext_pillar fetches them.'

/** Modules of Salt that templates ask and that are not here, with what to do instead. */
const elsewhere: Readonly<Record<string, string>> = {
  vault: secretsHint,
  sdb: secretsHint,
  publish: 'A minion asks no other minions: put the values into the pillar.',
  peer: 'A minion asks no other minions: put the values into the pillar.',
  cloud: 'There are no modules for clouds; fetch the values with ext_pillar.',
}

function notOffered(name: string): string | undefined {
  const module = name.split('.')[0] ?? ''
  if (Object.hasOwn(execModules, module)) return undefined
  if (Object.hasOwn(elsewhere, module)) return elsewhere[module]
  if (/^(?:boto|azure|gce|aws)/.test(module)) return elsewhere.cloud
  if (nearest(module, Object.keys(execModules)) !== undefined) return undefined
  return `There is no execution module "${module}"; a program "_modules/${module}" of the tree can stand in.`
}

let known: readonly string[] | undefined

/** Loads every module: asked for lists and for what may have been meant, not for calls. */
function functionNames(): readonly string[] {
  known ??= Object.entries(execModules).flatMap(([module, { functions }]) =>
    Object.keys(functions).map((name) => `${module}.${name}`),
  )
  return known
}

function findFunction(name: string): ExecFunction | undefined {
  const dot = name.indexOf('.')
  const module = Object.hasOwn(execModules, name.slice(0, dot)) ? execModules[name.slice(0, dot)] : undefined
  const fun = name.slice(dot + 1)
  return module && Object.hasOwn(module.functions, fun) ? module.functions[fun] : undefined
}
