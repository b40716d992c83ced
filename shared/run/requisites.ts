/**
 * Whether a chunk may run, by what became of the chunks that its requisites name (salt-semantics.md 5.6).
 * Precedence: failed targets, then prereq, onfail, onchanges, changed watch targets, else met.
 */
import type { LowChunk, Requisite, RequisiteKind } from '../sls/low.ts'
import { type Finished, hasChanges } from './outcome.ts'

export type RequisiteStatus =
  | { readonly kind: 'met' }
  /** Run it, and refresh it where it changes nothing itself. `unknown`: a dry run can't tell whether targets change. */
  | { readonly kind: 'watched-change'; readonly unknown: readonly Finished[] }
  | { readonly kind: 'failed'; readonly by: readonly Finished[] }
  | { readonly kind: 'onfail-not-met' }
  | { readonly kind: 'onchanges-not-met' }
  /** A dry run can't tell whether a target of onchanges changes. */
  | { readonly kind: 'onchanges-unknown'; readonly by: readonly Finished[] }

const met: RequisiteStatus = { kind: 'met' }

interface Targets {
  readonly all: readonly Finished[]
  readonly failed: readonly Finished[]
  readonly changed: readonly Finished[]
  readonly unknown: readonly Finished[]
}

/** @param finished by chunk index; every target of the chunk's requisites is among them (listen and prereq aside) */
export function requisiteStatus(chunk: LowChunk, finished: ReadonlyMap<number, Finished>): RequisiteStatus {
  if (chunk.requisites.length === 0) return met
  const of = (kind: RequisiteKind): Targets | undefined => targetsOf(chunk.requisites, kind, finished)
  const by = failedBy(of)
  if (by.length > 0) return { kind: 'failed', by }
  if (!onfailMet(of)) return { kind: 'onfail-not-met' }
  const onchanges = onchangesStatus(of)
  if (onchanges) return onchanges
  const watched = [of('watch'), of('watch_any')]
  if (watched.some((targets) => targets && targets.changed.length > 0))
    return { kind: 'watched-change', unknown: [] }
  const unknown = watched.flatMap((targets) => targets?.unknown ?? [])
  return unknown.length > 0 ? { kind: 'watched-change', unknown } : met
}

type Lookup = (kind: RequisiteKind) => Targets | undefined

function failedBy(of: Lookup): Finished[] {
  const by: Finished[] = []
  for (const kind of ['require', 'watch', 'onchanges', 'prerequired'] as const)
    by.push(...(of(kind)?.failed ?? []))
  for (const kind of ['require_any', 'watch_any'] as const) {
    const targets = of(kind)
    if (targets && targets.failed.length === targets.all.length) by.push(...targets.failed)
  }
  const any = of('onchanges_any')
  if (any && any.failed.length === any.all.length) by.push(...any.failed)
  return by
}

function onfailMet(of: Lookup): boolean {
  for (const kind of ['onfail', 'onfail_any'] as const) {
    const targets = of(kind)
    if (targets && targets.failed.length === 0) return false
  }
  const all = of('onfail_all')
  return !all || all.failed.length === all.all.length
}

function onchangesStatus(of: Lookup): RequisiteStatus | undefined {
  for (const kind of ['onchanges', 'onchanges_any'] as const) {
    const targets = of(kind)
    if (!targets || targets.changed.length > 0) continue
    if (targets.unknown.length > 0) return { kind: 'onchanges-unknown', by: targets.unknown }
    return { kind: 'onchanges-not-met' }
  }
  return undefined
}

function targetsOf(
  requisites: readonly Requisite[],
  kind: RequisiteKind,
  finished: ReadonlyMap<number, Finished>,
): Targets | undefined {
  const all: Finished[] = []
  let named = false
  for (const requisite of requisites) {
    if (requisite.kind !== kind) continue
    named = true
    for (const index of requisite.targets) {
      const one = finished.get(index)
      if (one) all.push(one)
    }
  }
  if (!named) return undefined
  return {
    all,
    failed: all.filter((one) => one.outcome.result === false),
    changed: all.filter((one) => one.outcome.result !== false && hasChanges(one.outcome)),
    unknown: all.filter((one) => one.outcome.unknown !== undefined),
  }
}

/** The requisites whose targets have to run before the chunk: all but listen (afterwards) and prereq (tried, not run). */
export function runsBefore(requisite: Requisite): boolean {
  return requisite.kind !== 'listen' && requisite.kind !== 'prereq'
}
