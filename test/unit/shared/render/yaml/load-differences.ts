/** Loads texts with PyYAML under Salt's rules and with ours, and tells where they differ. */
import fc from 'fast-check'
import { isDict, isList, PyFloat, type Value } from '../../../../../shared/data/value.ts'
import { isTsaltError } from '../../../../../shared/errors/error.ts'
import { loadYaml } from '../../../../../shared/render/yaml.ts'
import { documents } from './document-grammar.ts'
import { judge } from './judge.ts'
import { ordinaryDocuments } from './ordinary-grammar.ts'
import { plainScalars } from './scalar-grammar.ts'

interface Answer {
  readonly ok?: unknown
  readonly err?: string
  readonly line?: number
}

export interface LoadDifference {
  readonly text: string
  /** What libyaml and what pure PyYAML make of it. */
  readonly theirs: readonly Answer[]
  readonly ours: Answer
}

/** As judge.py's `form`. */
function formOf(value: Value): unknown {
  if (value === null) return ['n']
  if (typeof value === 'boolean') return ['b', value]
  if (typeof value === 'string') return ['s', value]
  if (typeof value === 'bigint') return ['i', String(value)]
  if (value instanceof PyFloat) return ['f', value.value]
  if (typeof value === 'number')
    return Number.isInteger(value) ? ['i', String(value)] : ['f', Number.isNaN(value) ? 'nan' : value]
  if (isList(value)) return ['l', value.map(formOf)]
  if (isDict(value)) return ['d', [...value].map(([key, item]) => [formOf(key), formOf(item)])]
  return ['?']
}

/** Floats as numbers, whole floats as keys as the ints that ours are. */
function comparable(form: unknown, isKey = false): unknown {
  if (!Array.isArray(form)) return form
  const [kind, rest] = form as [string, unknown]
  if (kind === 'f') {
    const number = rest === 'nan' ? 'nan' : Number(String(rest).replace('inf', 'Infinity'))
    return isKey && Number.isInteger(number) ? ['i', String(BigInt(number))] : ['f', String(number)]
  }
  if (kind === 'l') return ['l', (rest as unknown[]).map((item) => comparable(item))]
  if (kind === 'd')
    return [
      'd',
      (rest as [unknown, unknown][]).map(([key, item]) => [comparable(key, true), comparable(item)]),
    ]
  return form
}

const same = (a: Answer, b: Answer): boolean =>
  a.ok === undefined || b.ok === undefined
    ? a.ok === b.ok
    : JSON.stringify(comparable(a.ok)) === JSON.stringify(comparable(b.ok))

function loadOurs(text: string): Answer {
  try {
    return { ok: formOf(loadYaml(text, 'f')) }
  } catch (error) {
    if (!isTsaltError(error)) throw error
    return { err: `${error.code}: ${error.message}`, line: error.place?.line ?? 0 }
  }
}

/** @param beyond true for what the guide lists as different */
export function compareLoads(
  texts: readonly string[],
  beyond: (text: string, theirs: readonly Answer[], ours: Answer) => boolean = () => false,
): LoadDifference[] {
  const answers = judge<{ fast: Answer; slow: Answer }>('load', texts)
  const found: LoadDifference[] = []
  for (const [at, text] of texts.entries()) {
    const { fast = {}, slow = {} } = answers[at] ?? {}
    const ours = loadOurs(text)
    // Where PyYAML's two loaders differ, either will do.
    if (same(fast, ours) || same(slow, ours)) continue
    if (!beyond(text, [fast, slow], ours)) found.push({ text, theirs: [fast, slow], ours })
  }
  return found
}

export const findScalarDifferences = (count: number, seed: number): LoadDifference[] =>
  compareLoads(
    fc.sample(plainScalars, { numRuns: count, seed }).map((text) => `k: ${text}`),
    isListed,
  )

/** Of texts with all that YAML has and with mistakes: only where both read them, but not to the same. */
export const findDocumentDifferences = (count: number, seed: number): LoadDifference[] =>
  compareLoads(
    fc.sample(documents, { numRuns: count, seed }),
    (text, theirs, ours) =>
      isListed(text, theirs, ours) || ours.ok === undefined || theirs.some(({ ok }) => ok === undefined),
  )

export const findOrdinaryDifferences = (count: number, seed: number): LoadDifference[] =>
  compareLoads(fc.sample(ordinaryDocuments, { numRuns: count, seed }), isListed)

/** What PyYAML says where it refuses and we read: see docs/guide/differences-from-salt.md, under "YAML". */
const readByUs = [
  // A lone "=" or "<<" is text.
  /tag:yaml\.org,2002:(?:value|merge)/,
  // `0x_` and the like break PyYAML itself.
  /^(?:ValueError|IndexError)/,
  /tab character/,
  // An anchor that is defined anew.
  /second occurrence/,
  // Text in brackets that begins with ":" or "?", or has a ":" before a bracket.
  /did not find expected node content|found unexpected ':'/,
]

function isListed(text: string, theirs: readonly Answer[], ours: Answer): boolean {
  if (ours.ok !== undefined && theirs.every(({ err }) => err !== undefined))
    return readByUs.some((reason) => theirs.some(({ err = '' }) => reason.test(err)))
  if (ours.err?.startsWith('yaml-alias-recursive')) return true
  // Sets, pairs, ordered maps that are lists, and binary data are refused.
  if (/!!(?:set|pairs|binary|omap)/.test(text) && ours.err?.startsWith('yaml-tag')) return true
  // A "?" in brackets is text, and so is not a lone "-".
  if (/[[{,](?:\s|#[^\n]*)*\?|(?:^|[\s[{,])-[,\]}]/.test(text)) return true
  // A document that is nothing but a block text.
  if ([theirs[0]?.ok, ours.ok].every((ok) => Array.isArray(ok) && ok[0] === 's')) return true
  // Other line breaks than newlines are signs like others.
  if (/[\x85\u2028\u2029]/.test(text)) return true
  // A block text that begins with blank lines longer than its indentation.
  return /[|>][-+\d]*(?:\s+#[^\n]*)?\r?\n +\r?\n/.test(text) && ours.err !== undefined
}
