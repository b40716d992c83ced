/** Finds secrets that a minion could choose for itself by what it says of itself: its grains. */
import type { Place } from '../data/place.ts'
import { type Dict, isList } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import type { TopEntry, TopTarget } from '../sls/top.ts'
import { compileTopMatch, type TopSubject } from '../sls/top-match.ts'
import type { RenderedFile } from './cache.ts'

export interface GrainSecretSettings {
  /** refuse: such an SLS is no part of the pillar. */
  readonly mode: 'refuse' | 'warn' | 'allow'
  /** Grains that the operator vouches for, or knows to be set by something that the minion cannot change. */
  readonly trusted: readonly string[]
}

/** A file with those whose includes brought it in. */
export interface BroughtFile {
  readonly sls: string
  readonly file: RenderedFile
  readonly way: Way
}

/** How an include came to a file: what the files above it read of the grains. */
export interface Way {
  /** Of files that put the name together themselves. */
  readonly named: readonly string[]
  /** Of all of them. */
  readonly read: readonly string[]
}

/** What one entry of the top file brought. */
export interface Brought {
  readonly entry: TopEntry
  readonly files: readonly BroughtFile[]
  /** Grains that the top files read while they were rendered. */
  readonly topReads: readonly string[]
  readonly subject: TopSubject
  readonly nodegroups?: Dict | undefined
}

export interface GrainSecrets {
  /** Chosen by a grain. */
  readonly chosen: readonly TsaltError[]
  /** Holds secrets and looks at a grain; whether the one depends on the other nobody can tell. */
  readonly beside: readonly TsaltError[]
}

export function findGrainSecrets(brought: Brought, settings: GrainSecretSettings): GrainSecrets {
  const { entry, files, topReads } = brought
  const holding = files.filter(({ file }) => file.secrets.length > 0)
  if (holding.length === 0) return { chosen: [], beside: [] }
  const untrusted = (names: readonly string[]): string[] => untrustedGrains(names, settings)
  const { place } = entry
  const choosing = [...choosingGrains(brought, untrusted), ...namingGrains(entry, topReads)]
  const chosen: TsaltError[] = []
  const beside: TsaltError[] = []
  for (const { sls, file, way } of holding) {
    const words = (grains: readonly string[]) => wordsOf(sls, file, grains)
    const by = untrusted([...choosing, ...way.named])
    const own = untrusted(file.grains)
    const above = untrusted([...topReads, ...way.read]).filter((name) => !own.includes(name))
    if (by.length > 0) chosen.push(new TsaltError('pillar-secret-chosen-by-grain', words(by), { place }))
    else if (above.length > 0)
      beside.push(new TsaltError('pillar-secret-behind-grain', words(above), { place }))
    if (own.length > 0) beside.push(new TsaltError('pillar-secret-beside-grain', words(own), { place }))
  }
  return { chosen, beside }
}

/** Those that the operator does not vouch for, each once. */
export function untrustedGrains(names: readonly string[], { trusted }: GrainSecretSettings): string[] {
  return [...new Set(names.filter((name) => name !== 'id' && !trusted.includes(name)))]
}

export const shownSecrets = (secrets: readonly string[]): string =>
  secrets.slice(0, 3).join(', ') + (secrets.length > 3 ? ' and more' : '')

function wordsOf(
  sls: string,
  { secrets }: RenderedFile,
  grains: readonly string[],
): { sls: string; secrets: string; grains: string } {
  return { sls, secrets: shownSecrets(secrets), grains: grains.join(', ') }
}

/** Grains without which none of its targets would have meant the minion. */
function choosingGrains(
  { entry: { chosenBy = [] }, subject, nodegroups }: Brought,
  untrusted: (names: readonly string[]) => string[],
): string[] {
  const ways = chosenBy.map((targets) =>
    untrusted(
      targets.flatMap((target) =>
        leastOf(
          alternatives(target)
            .filter((one) => compileTopMatch({ ...one, nodegroups })(subject))
            .map((one) => untrusted(grainsOfTarget(one, nodegroups))),
        ),
      ),
    ),
  )
  return leastOf(ways)
}

/** One way that needs no grain is enough; else any of them might have been taken. */
const leastOf = (ways: readonly string[][]): string[] =>
  ways.some((grains) => grains.length === 0) ? [] : ways.flat()

type Chosen = Pick<TopTarget, 'expression' | 'type'>

/** The parts of `a or b`; an expression with brackets is taken whole. */
function alternatives({ expression, type }: Chosen): Chosen[] {
  const compound = type === undefined || type === 'compound'
  if (!compound || /[()]/.test(expression)) return [{ expression, type }]
  return expression.split(/\s+or\s+/).map((part) => ({ expression: part, type }))
}

/** Where a name or a target is not on its line, the top file put it together. */
function namingGrains(
  { place, sls, chosenBy = [] }: TopEntry,
  topReads: readonly string[],
): readonly string[] {
  const written = chosenBy.some((targets) =>
    targets.every((target) => isWrittenAt(target.place, target.expression)),
  )
  return written && isWrittenAt(place, sls) ? [] : topReads
}

/** Whether a word stands in the user's text just so: what a template put together, or took from a grain, does not. */
export function isWrittenAt(place: Place | undefined, word: string): boolean {
  if (place?.text === undefined) return false
  const rest = place.text.slice(place.column - 1).replace(/^['"]/, '')
  // What goes on with a template's "{{" or "{%" is not the whole word.
  return rest.startsWith(word) && /^(?:$|['"]|[\s,:#\]}])/.test(rest.slice(word.length))
}

const grainWord = /(?:^|[\s(])([GPS])(?:([^\s@])@|@)(\S+)/g

export function grainsOfTarget(
  { expression, type }: Chosen,
  nodegroups: Dict | undefined,
  depth = 0,
): string[] {
  if (type === 'grain' || type === 'grain_pcre') return [expression.split(':')[0] ?? expression]
  if (type === 'ipcidr') return ['ipv4']
  if (type === 'nodegroup') return grainsOfGroup(expression, nodegroups, depth)
  if (type !== undefined && type !== 'compound') return []
  const words = [...expression.matchAll(grainWord)].map(([, kind, delimiter = ':', rest = '']) =>
    kind === 'S' ? 'ipv4' : (rest.split(delimiter)[0] ?? rest),
  )
  const groups = [...expression.matchAll(/(?:^|[\s(])N@(\S+)/g)].map(([, name = '']) => name)
  return [...words, ...groups.flatMap((name) => grainsOfGroup(name, nodegroups, depth))]
}

const deepestGroups = 16

function grainsOfGroup(name: string, nodegroups: Dict | undefined, depth: number): string[] {
  const group = nodegroups?.get(name)
  if (group === undefined || depth > deepestGroups) return []
  const expression = isList(group) ? group.map(String).join(' ') : String(group)
  return grainsOfTarget({ expression, type: 'compound' }, nodegroups, depth + 1)
}
