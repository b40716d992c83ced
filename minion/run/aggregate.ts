/**
 * Which states are called together (`aggregate`): of one function of pkg, none of them waiting for another, however
 * far (salt-semantics.md 5.7, the rule of the dependency graph).
 */
import { isDict, isList, type Value } from '../../shared/data/value.ts'
import type { ChunkGraph } from '../../shared/run/chunk-graph.ts'
import type { LowChunk } from '../../shared/sls/low.ts'

/** Functions whose work can be done for several states at once. */
const gathering: Readonly<Record<string, ReadonlySet<string>>> = {
  pkg: new Set(['installed', 'latest', 'removed', 'purged']),
}

/** A state with another requisite may turn out not to run at all, so it is not called before its time. */
const plainKinds: ReadonlySet<string> = new Set(['require', 'require_any', 'watch', 'watch_any', 'listen'])

/** @param configured the option `state_aggregate`: True, or names of state modules */
export function aggregates(chunk: LowChunk, configured: Value): boolean {
  const own = chunk.globals.get('aggregate')
  const wish = own === undefined || own === null ? configured : own
  if (gathering[chunk.state]?.has(chunk.fun) !== true) return false
  return wish === true || (isList(wish) && wish.includes(chunk.state))
}

/**
 * The chunks that can be called together with one that is about to be called, in their order; the first is that one.
 * @param open not called yet
 */
export function companions(
  first: number,
  chunks: readonly LowChunk[],
  graph: ChunkGraph,
  open: (index: number) => boolean,
): number[] {
  const one = chunks[first]
  // Its companions would wait through the pauses of its attempts.
  if (!one || one.globals.has('retry')) return [first]
  const group = [first]
  const after = graph.dependents(first)
  const packages = new Set(packagesOf(one))
  for (const [index, chunk] of chunks.entries()) {
    if (index === first || chunk.state !== one.state || chunk.fun !== one.fun || !open(index)) continue
    if (after.has(index) || !isPlain(chunk) || graph.prerequiredBy(index).length > 0) continue
    // A package that two states name is a change of the first only, as without aggregation.
    const own = packagesOf(chunk)
    if (own.some((name) => packages.has(name))) continue
    const itsDependents = graph.dependents(index)
    if (group.some((member) => itsDependents.has(member))) continue
    group.push(index)
    for (const name of own) packages.add(name)
    for (const other of itsDependents) after.add(other)
  }
  return group
}

function isPlain({ requisites, globals }: LowChunk): boolean {
  if (globals.get('aggregate') === false || globals.get('parallel') === true || globals.has('retry'))
    return false
  return requisites.every(({ kind }) => plainKinds.has(kind))
}

function packagesOf({ name, args }: LowChunk): string[] {
  const listed = args.get('pkgs')
  if (!isList(listed)) return [name]
  return listed.flatMap((item) => (isDict(item) ? [...item.keys()].map(String) : [String(item)]))
}
