/** What of a file's changes is told: Salt's masks, and what is left out. */

import { isDict, isList, type Value } from '../../../shared/data/value.ts'
import { compileRegex, RegexSyntaxError } from '../../../shared/render/jinja/salt/regex/python-regex.ts'
import { readFlag, readText } from '../../../shared/schema/scalars.ts'
import { compileGlob } from '../../../shared/targeting/glob.ts'
import type { Fields } from '../fields.ts'

/** Kinds of changes that can be seen. */
export const changeKinds = [
  'create',
  'delete',
  'modify',
  'attrib',
  'close_write',
  'moved_from',
  'moved_to',
  'delete_self',
  'move_self',
] as const
export type ChangeKind = (typeof changeKinds)[number]

/** Ways of watching, which stand among the kinds. */
const ways = ['oneshot', 'onlydir', 'dont_follow', 'excl_unlink'] as const
/** What only the kernel sees. */
const unseen: ReadonlySet<string> = new Set(['access', 'open', 'close_nowrite', 'ignored', 'unmount'])

export interface WatchedPath {
  readonly path: string
  readonly mask: ReadonlySet<ChangeKind>
  readonly ways: ReadonlySet<(typeof ways)[number]>
  readonly recurse: boolean
  /** Folders that come are watched too. */
  readonly autoAdd: boolean
  isLeftOut(path: string): boolean
}

export function watchedPath(files: Fields, path: string): WatchedPath {
  if (!path.startsWith('/')) throw files.mistake(`"${path}" has to be an absolute path`, path)
  const given = files.inner(path)
  given.only(['mask', 'recurse', 'auto_add', 'exclude'])
  const mask = new Set<ChangeKind>()
  const chosen = new Set<(typeof ways)[number]>()
  for (const word of wordsOf(given)) {
    const name = word.toLowerCase().replace(/^in_/, '')
    if (isOneOf(changeKinds, name)) mask.add(name)
    else if (isOneOf(ways, name)) chosen.add(name)
    else if (unseen.has(name))
      throw given.mistake(
        `"${word}" cannot be seen`,
        'mask',
        'Only what changes a file or folder can be: who reads it leaves no trace.',
      )
    else throw given.mistake(`there is no mask "${word}"`, 'mask', `There are: ${changeKinds.join(', ')}.`)
  }
  if (mask.size === 0) for (const kind of ['create', 'delete', 'modify'] as const) mask.add(kind)
  const recurse = given.flag('recurse', false)
  return {
    path: path.length > 1 ? path.replace(/\/+$/, '') : path,
    mask,
    ways: chosen,
    recurse,
    autoAdd: given.flag('auto_add', recurse),
    isLeftOut: leftOut(given),
  }
}

const isOneOf = <Name extends string>(names: readonly Name[], name: string): name is Name =>
  (names as readonly string[]).includes(name)

function wordsOf(given: Fields): string[] {
  const value = given.value('mask') ?? []
  return (isList(value) ? value : [value]).map((item) => {
    const word = readText(item)
    if (word === undefined) throw given.mistake('"mask" has to be a list of words', 'mask')
    return word
  })
}

/** Salt's three forms: the beginning of a path, a glob where it has `*`, an expression with `regex: True`. */
function leftOut(given: Fields): (path: string) => boolean {
  const value = given.value('exclude') ?? []
  const tests = (isList(value) ? value : [value]).map((item) => testOf(given, item))
  return (path) => tests.some((test) => test(path))
}

function testOf(given: Fields, item: Value): (path: string) => boolean {
  const [pattern, how] = isDict(item) ? ([...item][0] ?? ['', null]) : [item, null]
  const text = readText(pattern)
  if (text === undefined || text === '') throw given.mistake('"exclude" has to be a list of paths', 'exclude')
  if (isDict(how) && readFlag(how.get('regex') ?? false) === true) {
    try {
      const regex = compileRegex(text)
      return (path) => regex.search(path) !== undefined
    } catch (error) {
      if (!(error instanceof RegexSyntaxError)) throw error
      throw given.mistake(`"${text}" is no expression: ${error.message}`, 'exclude')
    }
  }
  if (text.includes('*')) return compileGlob(text)
  return (path) => path.startsWith(text)
}
