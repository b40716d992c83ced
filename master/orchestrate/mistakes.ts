/** What can be known to be wrong with a state of an orchestration beyond its arguments; found before anything runs. */
import { encodeValue } from '../../shared/data/codec.ts'
import { nearest } from '../../shared/data/nearest.ts'
import type { Place } from '../../shared/data/place.ts'
import { placeOfValue } from '../../shared/data/provenance.ts'
import { isDict, isList, type Value } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { holdsSlot } from '../../shared/run/slot.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import { bindCall } from './catalog.ts'
import type { WrittenCall } from './runner-words.ts'
import { writtenCall } from './runner-words.ts'

export interface KnownCalls {
  /** @throws TsaltError */
  checkRunner(call: EncodedCall): void
  /** @throws TsaltError */
  checkWheel(call: EncodedCall): void
  /** Functions of the master that its configuration permits, for `fail_function`. */
  masterFunctions(): readonly string[]
  /** @param environment absent: any. @throws TsaltError where there is no such SLS */
  checkSls(sls: string, environment: string | undefined, place: Place | undefined): void
}

export interface EncodedCall {
  readonly fun: string
  readonly args: ReturnType<typeof encodeValue>[]
  readonly kwargs: Record<string, ReturnType<typeof encodeValue>>
}

export function encodedCall({ fun, args, kwargs }: WrittenCall): EncodedCall {
  const encoded: EncodedCall['kwargs'] = {}
  for (const [key, value] of kwargs) encoded[String(key)] = encodeValue(value)
  return { fun, args: args.map(encodeValue), kwargs: encoded }
}

/** @param chunk with arguments that are right one by one */
export function orchestrationMistakes(chunk: LowChunk, known: KnownCalls): TsaltError[] {
  const errors = [...meaningless(chunk), ...guardMistakes(chunk, known)]
  if (holdsSlot(chunk.name) || [...chunk.args.values()].some(holdsSlot))
    return [...errors, new TsaltError('orchestration-slot', { id: chunk.id }, { place: chunk.place })]
  return chunk.state === 'salt' ? [...errors, ...callMistakes(chunk, known)] : errors
}

const ofMachines = ['creates', 'check_cmd', 'runas', 'umask', 'reload_grains', 'reload_pillar'] as const

function meaningless({ globals, id, place }: LowChunk): TsaltError[] {
  return ofMachines
    .filter((argument) => globals.has(argument))
    .map((argument) => {
      const at = placeOfValue(globals, argument) ?? place
      return new TsaltError('orchestration-argument', { argument, id }, { place: at })
    })
}

function guardMistakes({ globals, id, place }: LowChunk, known: KnownCalls): TsaltError[] {
  const errors: TsaltError[] = []
  for (const guard of ['onlyif', 'unless'] as const) {
    const written = globals.get(guard) ?? null
    const at = placeOfValue(globals, guard) ?? place
    for (const item of isList(written) ? written : [written]) {
      if (item === null) continue
      if (!isDict(item)) errors.push(new TsaltError('orchestration-guard', { guard, id }, { place: at }))
      else if (!item.has('fun')) errors.push(new TsaltError('guard-invalid', { guard, id }, { place: at }))
      else errors.push(...placed(at, () => known.checkRunner(encodedCall(guardCall(item)))))
    }
  }
  return errors
}

/** `{fun, args, get_return, …keywords}` */
export function guardCall(item: ReadonlyMap<unknown, Value>): WrittenCall {
  const kwargs = new Map(
    [...item].filter(([key]) => !['fun', 'args', 'get_return'].includes(String(key))),
  ) as WrittenCall['kwargs']
  const args = item.get('args') ?? []
  return { fun: String(item.get('fun')), args: isList(args) ? args : [args], kwargs }
}

/** The error, at the place of what names the call. */
function placed(place: Place | undefined, check: () => void): TsaltError[] {
  try {
    check()
    return []
  } catch (error) {
    if (!isTsaltError(error)) throw error
    return [new TsaltError(error.code, error.parameters as never, { place, hint: error.hint })]
  }
}

function callMistakes(chunk: LowChunk, known: KnownCalls): TsaltError[] {
  const { fun, args, namePlace, place } = chunk
  // Its arguments were checked before.
  const given = bindCall(chunk).args as Record<string, Value> & { readonly name: string }
  const words = given as Parameters<typeof writtenCall>[1]
  const at = namePlace ?? placeOfValue(args, 'name') ?? place
  if (fun === 'runner')
    return placed(at, () => known.checkRunner(encodedCall(writtenCall(given.name, words))))
  if (fun === 'wheel') return placed(at, () => known.checkWheel(encodedCall(writtenCall(given.name, words))))
  if (fun === 'parallel_runners') {
    const calls = given.runners as unknown as ReadonlyMap<string, WrittenCall>
    const where = placeOfValue(args, 'runners') ?? place
    return [...calls.values()].flatMap((call) => placed(where, () => known.checkRunner(encodedCall(call))))
  }
  if (fun === 'function' && given.fail_function !== undefined)
    return unknownFunction(String(given.fail_function), known, placeOfValue(args, 'fail_function') ?? place)
  if (fun === 'state') return slsMistakes(chunk, given, known)
  return []
}

function unknownFunction(fun: string, known: KnownCalls, place: Place | undefined): TsaltError[] {
  const names = known.masterFunctions()
  if (names.includes(fun)) return []
  const near = nearest(fun, names)
  const list = names.length === 0 ? 'none' : names.join(', ')
  const hint = near ? `Did you mean "${near}"?` : `The option pillar_functions permits: ${list}.`
  return [new TsaltError('function-unknown', { fun }, { place, hint })]
}

function slsMistakes(chunk: LowChunk, given: Record<string, unknown>, known: KnownCalls): TsaltError[] {
  const place = placeOfValue(chunk.args, 'sls') ?? chunk.place
  const environment = typeof given.saltenv === 'string' ? given.saltenv : undefined
  return ((given.sls ?? []) as readonly string[]).flatMap((sls) => {
    const written = chunk.args.get('sls')
    const at = isList(written) ? placeOfValue(written, written.indexOf(sls)) : undefined
    return placed(at ?? place, () => known.checkSls(sls, environment, at ?? place))
  })
}
