/** Puts the documents of a run together: unique IDs, extends, use and exclude. */
import { nearest } from '../data/nearest.ts'
import { placeOfValue } from '../data/provenance.ts'
import { TsaltError } from '../errors/error.ts'
import { compileGlob } from '../targeting/glob.ts'
import type { Argument, Call } from './call.ts'
import type { Declaration, ExcludeEntry, ExtendEntry, SlsDocument } from './document.ts'
import { listRequisites } from './keywords.ts'

export type Declarations = Map<string, Declaration>

export function collectDeclarations(documents: readonly SlsDocument[], errors: TsaltError[]): Declarations {
  const all: Declarations = new Map()
  for (const document of documents) {
    for (const declaration of document.declarations) {
      const first = all.get(declaration.id)
      if (first === undefined) all.set(declaration.id, declaration)
      else errors.push(duplicateId(declaration, first))
    }
  }
  return all
}

function duplicateId(second: Declaration, first: Declaration): TsaltError {
  return new TsaltError(
    'sls-id-duplicate',
    {
      id: second.id,
      first: `${first.environment}:${first.sls}`,
      second: `${second.environment}:${second.sls}`,
    },
    {
      place: second.place,
      related: first.place === undefined ? [] : [{ note: 'first written here', place: first.place }],
    },
  )
}

export function applyExtends(
  all: Declarations,
  documents: readonly SlsDocument[],
  excluded: (sls: string) => boolean,
  errors: TsaltError[],
): void {
  for (const document of documents) {
    if (excluded(document.sls)) continue
    for (const entry of document.extends) {
      const target = all.get(entry.id) ?? findByName(all, entry)
      if (target === undefined) {
        const near = nearest(entry.id, all.keys())
        errors.push(
          new TsaltError(
            'extend-missing',
            { id: entry.id, sls: document.sls },
            { place: entry.place, ...(near ? { hint: `Did you mean "${near}"?` } : {}) },
          ),
        )
      } else all.set(target.id, extendDeclaration(target, entry))
    }
  }
}

/** The only ID whose call of the same module has this name. */
function findByName(all: Declarations, entry: ExtendEntry): Declaration | undefined {
  const module = entry.calls[0]?.module
  const found = [...all.values()].filter(({ calls }) =>
    calls.some((call) => call.module === module && nameOf(call) === entry.id),
  )
  return found.length === 1 ? found[0] : undefined
}

function nameOf(call: Call): string | undefined {
  const value = call.args.find(({ name }) => name === 'name')?.value
  return typeof value === 'string' ? value : undefined
}

function extendDeclaration(target: Declaration, entry: ExtendEntry): Declaration {
  const calls = [...target.calls]
  for (const extension of entry.calls) {
    const index = calls.findIndex(({ module }) => module === extension.module)
    const call = calls[index]
    if (call === undefined) calls.push({ ...extension, place: extension.place ?? entry.place })
    else calls[index] = extendCall(call, extension)
  }
  return { ...target, calls }
}

function extendCall(call: Call, extension: Call): Call {
  const args = [...call.args]
  for (const given of extension.args) {
    if (listRequisites.has(given.name)) {
      args.push(given)
      continue
    }
    const index = args.findIndex(
      ({ name }) => name === given.name || (given.name === 'name' && name === 'names'),
    )
    if (index === -1) args.push(given)
    else args[index] = given
  }
  const ordered = extension.args.some(({ name }) => name === 'order')
  return {
    ...call,
    args,
    functions: extension.functions.length > 0 ? extension.functions : call.functions,
    auto: ordered ? undefined : call.auto,
  }
}

/** A call that an extension added, or left, without a function cannot run. */
export function checkFunctions(all: Declarations, errors: TsaltError[]): void {
  for (const { id, sls, calls } of all.values()) {
    for (const { functions, module, place, auto } of calls) {
      // Those with a number were checked when they were read.
      if (functions.length === 0 && auto === undefined)
        errors.push(new TsaltError('sls-function-missing', { id, sls, module }, { place }))
    }
  }
}

/** Which IDs and SLS are left out; globs for SLS. */
export function exclusion(entries: readonly ExcludeEntry[]): {
  sls: (name: string) => boolean
  id: (id: string) => boolean
} {
  const globs = entries.filter(({ kind }) => kind === 'sls').map(({ name }) => compileGlob(name))
  const ids = new Set(entries.filter(({ kind }) => kind === 'id').map(({ name }) => name))
  return { sls: (name) => globs.some((matches) => matches(name)), id: (id) => ids.has(id) }
}

/** `use` and `use_in`: arguments that a state does not have are taken from another one; not from what that one uses. */
export function applyUse(all: Declarations, errors: TsaltError[]): void {
  const original = new Map(all)
  for (const declaration of original.values()) {
    for (const call of declaration.calls) {
      for (const argument of call.args) {
        if (argument.name !== 'use' && argument.name !== 'use_in') continue
        for (const reference of references(argument)) {
          const found = findCall(original, reference)
          if (found === undefined) errors.push(missingUse(argument, declaration, reference))
          else if (argument.name === 'use') copyArguments(all, declaration, call, found.call)
          else copyArguments(all, found.declaration, found.call, call)
        }
      }
    }
  }
}

interface Reference {
  readonly module: string
  readonly name: string
}

function references(argument: Argument): Reference[] {
  const items = Array.isArray(argument.value) ? argument.value : []
  return items.flatMap((item) =>
    item instanceof Map
      ? [...item].map(([module, name]) => ({ module: String(module), name: String(name) }))
      : [],
  )
}

function missingUse(argument: Argument, { id, sls }: Declaration, reference: Reference): TsaltError {
  const place = placeOfValue(argument.from, argument.key)
  const text = `"${reference.module}: ${reference.name}"`
  return new TsaltError('requisite-missing', { kind: argument.name, id, sls, reference: text }, { place })
}

function findCall(
  all: Declarations,
  { module, name }: Reference,
): { declaration: Declaration; call: Call } | undefined {
  const byId = all.get(name)
  const candidates = byId ? [byId] : all.values()
  for (const declaration of candidates) {
    const call = declaration.calls.find(
      (one) => one.module === module && (byId !== undefined || nameOf(one) === name),
    )
    if (call) return { declaration, call }
  }
  return undefined
}

const notCopied = new Set(['name', 'names', 'order', ...listRequisites])

function copyArguments(all: Declarations, into: Declaration, call: Call, from: Call): void {
  const current = all.get(into.id)
  if (current === undefined) return
  const calls = current.calls.map((one) => {
    if (one.module !== call.module) return one
    const has = new Set(one.args.map(({ name }) => name))
    return {
      ...one,
      args: [...one.args, ...from.args.filter(({ name }) => !has.has(name) && !notCopied.has(name))],
    }
  })
  all.set(into.id, { ...current, calls })
}
