/** The data of a reactor file to reactions, in Salt's old and new forms. One mistake refuses the whole file. */
import { nearest } from '../../shared/data/nearest.ts'
import type { Place } from '../../shared/data/place.ts'
import { placeOfKey, placeOfValue } from '../../shared/data/provenance.ts'
import { type Dict, isDict, isList, type Key, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { listRequisites } from '../../shared/sls/keywords.ts'
import type { Reaction } from './reaction.ts'
import { type CallParts, callOf } from './reaction-arguments.ts'

const kinds = { local: 'local', cmd: 'local', runner: 'runner', wheel: 'wheel', caller: 'caller' } as const
type Kind = (typeof kinds)[keyof typeof kinds]

/** What states have and reactions don't, with what comes of that. */
const orderWords = new Set([...listRequisites, 'onlyif', 'unless', 'order', 'failhard', 'retry', 'parallel'])
const fileWords: ReadonlyMap<Key, string> = new Map([
  ['include', 'a reactor file includes no other; name both in the option "reactor"'],
  ['extend', 'a reactor file extends no other'],
  ['exclude', 'a reactor file excludes nothing'],
])

/**
 * @param root null: the file has nothing to do this time
 * @throws TsaltError `reactor-…`
 */
export function readReactions(root: Value, file: string): Reaction[] {
  if (root === null) return []
  if (!isDict(root))
    throw new TsaltError(
      'reactor-sls-wrong',
      { reason: 'A reactor file is a mapping of IDs' },
      { place: { file, line: 1, column: 1 } },
    )
  return [...root].flatMap(([key, body]) => {
    const place = placeOfKey(root, key) ?? { file, line: 1, column: 1 }
    const word = fileWords.get(key)
    if (word !== undefined) throw wrong(`"${String(key)}": ${word}`, place)
    return readId(String(key), body, { root, key, place })
  })
}

interface At {
  readonly root: Dict
  readonly key: Key
  readonly place: Place
}

function readId(id: string, body: Value, { root, key, place }: At): Reaction[] {
  // `ID: runner.cache.clear` without arguments.
  if (typeof body === 'string') return [readReaction(id, body, [], placeOfValue(root, key) ?? place)]
  if (!isDict(body) || body.size === 0)
    throw wrong(`"${id}" names no function`, placeOfValue(root, key) ?? place)
  return [...body].map(([name, given]) => {
    const at = placeOfKey(body, name) ?? place
    if (orderWords.has(String(name))) throw requisite(String(name), at)
    return readReaction(id, String(name), given, at)
  })
}

/** @param name `local.state.apply`, or `local` with the function as a text among its arguments */
function readReaction(id: string, name: string, given: Value, place: Place): Reaction {
  const [word = '', ...rest] = name.split('.')
  const kind: Kind | undefined = Object.hasOwn(kinds, word) ? kinds[word as keyof typeof kinds] : undefined
  if (kind === undefined) {
    const near = nearest(word, Object.keys(kinds))
    throw new TsaltError(
      'reactor-reaction-unknown',
      { kind: name },
      { place, ...(near ? { hint: `Did you mean "${near}"?` } : {}) },
    )
  }
  const { fun: apart, parts } = partsOf(given, rest.length === 0, place)
  const fun = rest.length > 0 ? rest.join('.') : (apart ?? '')
  if (kind === 'caller')
    throw new TsaltError('reactor-caller', { fun: fun === '' ? 'FUNCTION' : fun }, { place })
  if (!/^[a-z_]\w*\.[a-z_]\w*$/i.test(fun))
    throw wrong(
      `"${name}" names no function: ${kind}.${kind === 'wheel' ? 'key.accept' : 'state.apply'}`,
      place,
    )
  return callOf(kind, { id, fun, place, parts })
}

/** The arguments as one mapping, whichever way they are written; `fun` where a text stands among them. */
function partsOf(given: Value, wantsFunction: boolean, place: Place): { fun?: string; parts: CallParts } {
  const parts: CallParts = new Map()
  let fun: string | undefined
  const add = (from: Dict): void => {
    for (const [key, value] of from) {
      const name = String(key)
      const at = placeOfKey(from, key) ?? place
      if (orderWords.has(name)) throw requisite(name, at)
      if (parts.has(name)) throw wrong(`"${name}" is given twice`, at)
      parts.set(name, { value, place: placeOfValue(from, key) ?? at })
    }
  }
  const items = given === null ? [] : isList(given) ? given : [given]
  for (const [index, item] of items.entries()) {
    if (isDict(item)) add(item)
    else if (wantsFunction && typeof item === 'string' && fun === undefined) fun = item
    else
      throw wrong(
        'Arguments of a reaction have names: "- tgt: web1", "- args: […]"',
        placeOfValue(isList(given) ? given : null, index) ?? place,
      )
  }
  return { ...(fun === undefined ? {} : { fun }), parts }
}

const wrong = (reason: string, place: Place): TsaltError =>
  new TsaltError('reactor-sls-wrong', { reason }, { place })
const requisite = (keyword: string, place: Place): TsaltError =>
  new TsaltError('reactor-requisite', { keyword }, { place })
