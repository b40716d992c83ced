/** `use` and `use_in`: arguments that a state does not have are taken from another one; not from what that one uses. */
import { TsaltError } from '../errors/error.ts'
import { type Argument, type Call, named } from './call.ts'
import { CallIndex, type FoundCall } from './call-index.ts'
import type { Declaration } from './document.ts'
import type { Declarations } from './extend.ts'
import { listRequisites } from './keywords.ts'
import { type Reference, readReferences } from './references.ts'

const notCopied: ReadonlySet<string> = new Set(['name', 'names', 'order', 'onfail_stop', ...listRequisites])

/** @param disabled requisites that are passed over */
export function applyUse(all: Declarations, disabled: ReadonlySet<string>, errors: TsaltError[]): void {
  if (!hasUse(all)) return
  const original = new Map(all)
  const index = new CallIndex(original)
  for (const declaration of original.values()) {
    for (const call of declaration.calls) {
      for (const argument of call.args) {
        if ((argument.name !== 'use' && argument.name !== 'use_in') || disabled.has(argument.name)) continue
        for (const reference of readReferences(argument, { ...declaration, errors })) {
          const found = findCalls(original, index, reference)
          if (found.length === 0) errors.push(missingUse(argument, declaration, reference))
          for (const other of found) {
            if (argument.name === 'use') copyArguments(all, { declaration, call }, other.call)
            else copyArguments(all, other, call)
          }
        }
      }
    }
  }
}

function hasUse(all: Declarations): boolean {
  for (const { calls } of all.values())
    for (let index = 0; index < calls.length; index++) {
      const { args } = calls[index] as Call
      if (named(args, 'use') || named(args, 'use_in')) return true
    }
  return false
}

function findCalls(all: Declarations, index: CallIndex, { state, name }: Reference): readonly FoundCall[] {
  if (state !== 'sls') return index.find(state, name)
  return [...all.values()]
    .filter(({ sls }) => sls === name)
    .flatMap((declaration) => declaration.calls.map((call) => ({ declaration, call })))
}

function missingUse(argument: Argument, { id, sls }: Declaration, reference: Reference): TsaltError {
  const text =
    reference.state === undefined ? `"${reference.name}"` : `"${reference.state}: ${reference.name}"`
  return new TsaltError(
    'requisite-missing',
    { kind: argument.name, id, sls, reference: text },
    { place: reference.place },
  )
}

/** Of several that are used, the later one wins; what the state has of its own stays. */
function copyArguments(all: Declarations, into: FoundCall, from: Call): void {
  const current = all.get(into.declaration.id)
  if (current === undefined) return
  const own = new Set(into.call.args.map(({ name }) => name))
  const copied = from.args.filter(({ name }) => !own.has(name) && !notCopied.has(name))
  if (copied.length === 0) return
  const replaced = new Set(copied.map(({ name }) => name))
  const calls = current.calls.map((one) =>
    one.module === into.call.module
      ? { ...one, args: [...one.args.filter(({ name }) => !replaced.has(name)), ...copied] }
      : one,
  )
  all.set(current.id, { ...current, calls })
}
