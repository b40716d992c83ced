/** Trees to ordered low chunks: top, render, include, extend, requisites, order. */
import { nearest } from '../data/nearest.ts'
import type { Value } from '../data/value.ts'
import { isTsaltError, TsaltError } from '../errors/error.ts'
import type { Compiled, CompileRequest, StateCatalog } from './compiled.ts'
import { draftChunks } from './draft.ts'
import { orderEnvironments } from './environments.ts'
import { type Exclusion, exclusion } from './exclude.ts'
import { applyExtends, checkFunctions, collectDeclarations, type Declarations } from './extend.ts'
import { findCycles } from './graph.ts'
import { commonArguments } from './keywords.ts'
import { Loader } from './load.ts'
import { loadTop } from './load-top.ts'
import type { CompileWarning, LowChunk } from './low.ts'
import { lowerChunk } from './lower.ts'
import { findSls } from './names.ts'
import { orderDrafts } from './order.ts'
import { resolveRequisites } from './requisites.ts'
import { retryMistakes } from './retry-keys.ts'
import { saltHigh } from './salt-high.ts'
import { saltLow } from './salt-low.ts'
import type { TopEntry } from './top.ts'
import { applyUse } from './use.ts'

/**
 * Everything is checked before anything can run: `errors` has all that is found, and then there are no chunks.
 * @throws only what is not the user's mistake
 */
export async function compileStates(request: CompileRequest): Promise<Compiled> {
  const { tree, subject, settings } = request
  const errors: TsaltError[] = []
  const variables: Record<string, Value> = {
    id: subject.id,
    pillar: subject.pillar,
    grains: subject.grains,
    opts: subject.opts,
  }
  const environments = orderEnvironments(tree, settings)
  const wanted = await wantedSls(request, environments, variables, errors)
  const top = new Map([...wanted].map(([name, entries]) => [name, entries.map(({ sls }) => sls)]))
  if (request.topOnly === true)
    return { top, rendered: [], chunks: [], low: () => [], high: () => new Map(), errors, warnings: [] }
  const loader = new Loader({
    tree,
    environments,
    renderer: settings.renderer,
    variables,
    host: request.host,
    matched: [...wanted.keys()],
    autoOrder: settings.autoOrder,
    saltOrder: settings.saltCompat,
  })
  for (const [environment, entries] of wanted)
    for (const { sls, place } of entries) await loader.load(environment, sls, place)
  errors.push(...loader.errors)
  return { top, ...assemble(request, loader, errors) }
}

async function wantedSls(
  request: CompileRequest,
  environments: readonly string[],
  variables: Readonly<Record<string, Value>>,
  errors: TsaltError[],
): Promise<ReadonlyMap<string, readonly TopEntry[]>> {
  const { sls, environment, tree, settings, subject, host } = request
  if (sls !== undefined) {
    const name = environment ?? 'base'
    const entries = sls.map((one) => ({
      sls: one,
      environment: name,
      place: undefined,
      ignoreMissing: false,
    }))
    return new Map([[name, entries]])
  }
  const matched = await loadTop({
    tree,
    environments,
    environment,
    settings,
    subject,
    variables,
    errors,
    host,
  })
  if (errors.length === 0 && isEmpty(matched)) errors.push(noTop(request, environments))
  const { whitelist } = request
  if (whitelist === undefined || whitelist.length === 0) return matched
  const kept = new Map(
    [...matched].map(([name, entries]) => [name, entries.filter((entry) => whitelist.includes(entry.sls))]),
  )
  if (errors.length === 0 && isEmpty(kept)) {
    const hint = `The whitelist (${whitelist.join(', ')}) has none of: ${[...matched.values()]
      .flat()
      .map((entry) => entry.sls)
      .join(', ')}.`
    errors.push(new TsaltError('top-no-match', { id: subject.id }, { hint }))
  }
  return kept
}

const isEmpty = (matched: ReadonlyMap<string, readonly TopEntry[]>): boolean =>
  [...matched.values()].every((entries) => entries.length === 0)

/** There is no top file at all, or none that means this minion. */
function noTop(
  { tree, subject, settings, environment: only }: CompileRequest,
  environments: readonly string[],
): TsaltError {
  if (only !== undefined && !environments.includes(only)) {
    const there = `There is no environment "${only}"; there are: ${environments.join(', ') || 'none'}.`
    return new TsaltError('top-no-match', { id: subject.id }, { hint: there })
  }
  const name = settings.stateTop.replace(/\.sls$/, '')
  const wanted = only === undefined ? environments : [only]
  const found = wanted.some((environment) => findSls(tree, environment, name) !== undefined)
  const where =
    only === undefined
      ? 'in the tree of states'
      : `in environment "${only}", whose top file alone counts with saltenv=,`
  const hint = `Make the file ${name}.sls or ${name}.yaml ${where} ("base:", below it "'*':", below that a list of SLS names), or name them: state.apply NAME.`
  return new TsaltError('top-no-match', { id: subject.id }, found ? {} : { hint })
}

function assemble(request: CompileRequest, loader: Loader, errors: TsaltError[]): Omit<Compiled, 'top'> {
  const { documents, included } = loader
  const disabled: ReadonlySet<string> = new Set(request.settings.disabledRequisites ?? [])
  const excluded = exclusion([
    ...documents.flatMap((document) => document.excludes),
    ...(request.exclude ?? []).map((entry) =>
      typeof entry === 'string' ? { kind: 'sls' as const, name: entry } : entry,
    ),
  ])
  const warnings: CompileWarning[] = []
  const all = collectDeclarations(documents, errors)
  applyExtends(all, { documents, excluded: excluded.sls, errors })
  applyUse(all, disabled, errors)
  checkFunctions(all, errors)
  const left = leaveOut(all, excluded)
  const ordered = orderDrafts(draftChunks(all, errors, warnings))
  const requisites = resolveRequisites({
    ordered,
    declarations: all,
    left,
    included,
    disabled,
    lenient: request.settings.saltCompat === true,
    errors,
    warnings,
  })
  const chunks = ordered.map((one, index) => lowerChunk(one, requisites[index] ?? []))
  warnings.push(...checkChunks(chunks, request.catalog, errors))
  errors.push(...findCycles(chunks))
  const low = () => saltLow(ordered, [...all.values()])
  const failed = errors.length > 0
  const rendered = documents.map(({ environment, sls }) => `${environment}:${sls}`)
  return {
    rendered,
    chunks: failed ? [] : withWarnings(chunks, warnings),
    low,
    high: () => saltHigh(documents),
    errors,
    warnings: warnings.map(({ text }) => text),
  }
}

/** Each is told with the first state of its ID. */
function withWarnings(chunks: readonly LowChunk[], warnings: readonly CompileWarning[]): readonly LowChunk[] {
  if (warnings.length === 0) return chunks
  const byId = new Map<string, string[]>()
  for (const { id, text } of warnings) byId.set(id, [...(byId.get(id) ?? []), text])
  return chunks.map((chunk) => {
    const own = byId.get(chunk.id)
    byId.delete(chunk.id)
    return own === undefined ? chunk : { ...chunk, warnings: own }
  })
}

/** @returns what was left out */
function leaveOut(all: Declarations, excluded: Exclusion): Declarations {
  const left: Declarations = new Map()
  if (excluded.isEmpty) return left
  for (const [id, declaration] of all) {
    if (!excluded.id(id) && !excluded.sls(declaration.sls)) continue
    all.delete(id)
    left.set(id, declaration)
  }
  return left
}

/** Functions and arguments; chunks of one call share what is wrong with them. */
function checkChunks(
  chunks: readonly LowChunk[],
  catalog: StateCatalog,
  errors: TsaltError[],
): CompileWarning[] {
  const warnings: CompileWarning[] = []
  const told = new Set<string>()
  // What could not be read of an ID makes its arguments look wrong as well: one mistake, one error.
  const misread = new Set(errors.filter(({ code }) => code.startsWith('sls-')).map(idOf))
  for (const chunk of chunks) {
    if (misread.size > 0 && misread.has(`${chunk.sls} ${chunk.id}`)) continue
    for (const error of catalog.check(chunk)) {
      const at = `${error.code} ${error.message} ${error.place?.file}:${error.place?.line}:${error.place?.column}`
      if (error.place !== undefined && told.has(at)) continue
      told.add(at)
      errors.push(withCommonNames(error))
    }
    errors.push(...retryMistakes(chunk))
    const isAsked = chunk.requisites.length > 0
    if (isAsked && isKnown(catalog, chunk) && !catalog.canRefresh(chunk.state, chunk.fun))
      warnings.push(...refreshesOfNothing(chunk))
  }
  return warnings
}

/** @param chunk of a function that has nothing to refresh */
function refreshesOfNothing({ id, state, fun, place, requisites }: LowChunk): CompileWarning[] {
  const has = (...kinds: readonly string[]): boolean => requisites.some(({ kind }) => kinds.includes(kind))
  const where = place === undefined ? '' : ` (${place.file}:${place.line})`
  const told = (kind: string, meaning: string): CompileWarning => ({
    id,
    text: `${state}.${fun} of ID "${id}"${where} has nothing to do on "${kind}": ${meaning}`,
  })
  return [
    ...(has('watch', 'watch_any') ? [told('watch', 'it means no more than "require" there.')] : []),
    ...(has('listen') ? [told('listen', 'nothing comes of it.')] : []),
  ]
}

const idOf = ({ parameters }: TsaltError): string => `${parameters.sls} ${parameters.id}`

function isKnown(catalog: StateCatalog, { state, fun }: LowChunk): boolean {
  return catalog.functions(state)?.includes(fun) ?? false
}

/** A misspelt requisite is an argument that the function does not have; the function's names do not help there. */
function withCommonNames(error: TsaltError): TsaltError {
  const { argument } = error.parameters
  if (!isTsaltError(error) || error.code !== 'state-argument-unknown' || typeof argument !== 'string')
    return error
  if (error.hint?.startsWith('Did you mean')) return error
  const near = nearest(argument, commonArguments)
  if (near === undefined) return error
  return new TsaltError(
    'state-argument-unknown',
    { state: String(error.parameters.state), argument, of: String(error.parameters.of) },
    { place: error.place, related: error.related, hint: `Did you mean "${near}"?` },
  )
}
