/** Puts the documents of a run together: unique IDs, and what `extend:` changes of them. */
import { nearest } from '../data/nearest.ts'
import { TsaltError } from '../errors/error.ts'
import type { Argument, Call } from './call.ts'
import { CallIndex } from './call-index.ts'
import type { Declaration, ExtendEntry, SlsDocument } from './document.ts'
import { isRequisiteKind, mostSuggested } from './keywords.ts'

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

export interface Extending {
  /** In the order in which their extensions count: those of an SLS before those of what it includes. */
  readonly documents: readonly SlsDocument[]
  /** SLS whose extensions do not count. */
  readonly excluded: (sls: string) => boolean
  readonly errors: TsaltError[]
}

export function applyExtends(all: Declarations, { documents, excluded, errors }: Extending): void {
  if (documents.every((document) => document.extends.length === 0)) return
  const index = new CallIndex(new Map(all))
  let missing = 0
  for (const document of documents) {
    if (excluded(document.sls)) continue
    for (const entry of document.extends) {
      const target = all.get(entry.id) ?? targetByName(all, index, entry)
      if (target !== undefined) all.set(target.id, extendDeclaration(target, entry))
      else {
        missing += 1
        errors.push(missingTarget(missing > mostSuggested ? [] : all.keys(), document, entry))
      }
    }
  }
}

/** The only ID whose call of the same module has this name. */
function targetByName(all: Declarations, index: CallIndex, entry: ExtendEntry): Declaration | undefined {
  const found = index.named(entry.calls[0]?.module, entry.id)
  return found.length === 1 && found[0] ? all.get(found[0].declaration.id) : undefined
}

function missingTarget(
  known: Iterable<string>,
  { sls }: SlsDocument,
  { id, place }: ExtendEntry,
): TsaltError {
  const near = nearest(id, known)
  return new TsaltError(
    'extend-missing',
    { id, sls },
    { place, ...(near ? { hint: `Did you mean "${near}"?` } : {}) },
  )
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

/** Requisites are added to those that are there; anything else replaces what it names, and `name` replaces `names`. */
function extendCall(call: Call, extension: Call): Call {
  let args = [...call.args]
  for (const given of extension.args) {
    if (isRequisiteKind(given.name)) {
      args.push({ ...given, adds: true })
      continue
    }
    const isSame = ({ name }: Argument): boolean =>
      name === given.name || (given.name === 'name' && name === 'names')
    const index = args.findIndex(isSame)
    if (index === -1) args.push(given)
    else args = args.flatMap((one, at) => (at === index ? [given] : isSame(one) ? [] : [one]))
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
    for (let index = 0; index < calls.length; index++) {
      const { functions, module, place, added } = calls[index] as Call
      // Those that were written below their ID were checked when they were read.
      if (functions.length === 0 && added === true)
        errors.push(new TsaltError('sls-function-missing', { id, sls, module }, { place }))
    }
  }
}
