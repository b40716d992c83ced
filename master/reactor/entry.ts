/** The option `reactor`: globs over tags, each with the files that say what happens then. */

import { nearest } from '../../shared/data/nearest.ts'
import type { Place } from '../../shared/data/place.ts'
import { placeOfKey, placeOfValue } from '../../shared/data/provenance.ts'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { readFlag, readText } from '../../shared/schema/scalars.ts'

/** Who may have told the events that an entry is for. */
export type Teller = 'anyone' | 'master' | 'minions'

export interface ReactorEntry {
  readonly glob: string
  /** Paths of the master, globs of paths, and salt://… */
  readonly files: readonly string[]
  /** By whose rights; undefined: everything. */
  readonly as: string | undefined
  readonly from: Teller
  /** Text of events may become more than text. */
  readonly trustData: boolean
  /** Added while the master runs, and not of its configuration. */
  readonly added: boolean
}

/** What a mistake is told of. */
interface Spot {
  /** Its number from 1, or its tag in quotes. */
  readonly entry: number | string
  /** Where it stands in the configuration. */
  readonly place?: Place | undefined
}

const words = ['sls', 'as', 'from', 'trust_data'] as const
const tellers: readonly Teller[] = ['anyone', 'master', 'minions']

/** @throws TsaltError `reactor-option-wrong` */
export function readEntries(option: readonly Value[]): ReactorEntry[] {
  return option.flatMap((item, index) => {
    const place = placeOfKey(option, index)
    if (!isDict(item) || item.size === 0) throw wrong({ entry: index + 1, place }, 'it is no glob with files')
    return [...item].map(([glob, value]) =>
      readEntry(String(glob), value, {
        entry: index + 1,
        added: false,
        place: placeOfValue(item, glob) ?? place,
      }),
    )
  })
}

/**
 * One glob with its files: a path, a list of them, or `sls` beside `as`, `from` and `trust_data`.
 * @throws TsaltError `reactor-option-wrong`
 */
export function readEntry(
  glob: string,
  value: Value,
  { added, ...spot }: Spot & { readonly added: boolean },
): ReactorEntry {
  if (glob.trim() === '') throw wrong(spot, 'the tag is empty')
  const given: Dict = isDict(value) ? value : new Map<string, Value>([['sls', value]])
  for (const key of given.keys()) {
    if ((words as readonly string[]).includes(String(key))) continue
    const near = nearest(String(key), words)
    const reason = `it has no "${String(key)}"${near ? ` (did you mean "${near}"?)` : ''}`
    throw wrong({ ...spot, place: placeOfKey(given, key) ?? spot.place }, reason)
  }
  const at = (key: (typeof words)[number]): Spot => ({
    ...spot,
    place: placeOfValue(given, key) ?? spot.place,
  })
  const files = filesOf(given.get('sls') ?? null, glob, at('sls'))
  const as = readText(given.get('as'))
  if (given.has('as') && (as === undefined || as === ''))
    throw wrong(at('as'), '"as" has to be the name of an operator')
  const from = (readText(given.get('from')) ?? 'anyone') as Teller
  if (!tellers.includes(from)) throw wrong(at('from'), `"from" is one of ${tellers.join(', ')}`)
  const trustData = readFlag(given.get('trust_data') ?? false)
  if (trustData === undefined) throw wrong(at('trust_data'), '"trust_data" has to be True or False')
  return { glob, files: [...new Set(files)], as, from, trustData, added }
}

function filesOf(sls: Value, glob: string, spot: Spot): string[] {
  if (!isList(sls)) return [fileOf(sls, glob, spot)]
  if (sls.length === 0) throw wrong(spot, `"${glob}" has no files`)
  return sls.map((file, index) =>
    fileOf(file, glob, { ...spot, place: placeOfKey(sls, index) ?? spot.place }),
  )
}

function fileOf(file: Value, glob: string, spot: Spot): string {
  const path = readText(file)
  if (path?.startsWith('salt://') === true || path?.startsWith('/') === true) return path
  const given = path === undefined ? 'something else' : `"${path}"`
  throw wrong(spot, `a file of "${glob}" is a whole path or salt://…, not ${given}`)
}

const wrong = ({ entry, place }: Spot, reason: string): TsaltError =>
  new TsaltError('reactor-option-wrong', { entry, reason }, place ? { place } : {})
