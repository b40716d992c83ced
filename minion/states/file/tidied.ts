/** file.tidied: old or large entries below a directory removed. */
import { basename } from 'node:path'
import * as v from 'valibot'
import { systemClock } from '../../../shared/clock.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { textList } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { choice, flag, readText, whole } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { FileInfo, Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, stateFunction } from '../contract.ts'
import { compileRegex, expressionMistake, fileBudget } from './expression.ts'

const units: Readonly<Record<string, number>> = { '': 1, k: 1, m: 2, g: 3, t: 4, p: 5 }

/** Bytes; `10M` and `10MiB` count by 1024, `10MB` by 1000. */
const byteCount = shaped<number>({
  words: 'bytes, or a text such as `10M`',
  json: { type: ['integer', 'string'] },
  read(value) {
    const [, digits, unit = '', base = ''] =
      /^\s*(\d+(?:\.\d+)?)\s*([kmgtp]?)(ib|b)?\s*$/i.exec(readText(value) ?? '') ?? []
    const power = units[unit.toLowerCase()]
    if (digits === undefined || power === undefined)
      return new Mismatch(`a number of bytes is expected, not ${describeValue(value)}`)
    if (unit === '') return Math.floor(Number(digits))
    return Math.floor(Number(digits) * (base.toLowerCase() === 'b' ? 1_000 : 1_024) ** power)
  },
})

const word = <const Words extends readonly string[]>(words: Words) =>
  choice([...words, ...words.map((one) => one.toUpperCase())])

const args = v.strictObject({
  name: needed(absolutePath, 'The directory.'),
  age: optional(whole, 'Remove what is that many days old, or older.'),
  size: optional(byteCount, 'Remove files of so many bytes, or more.'),
  matches: optional(textList, 'Regular expressions for the start of the names that may go; default: all.'),
  exclude: optional(textList, 'Regular expressions for the start of names that stay.'),
  full_path_match: defaulted(flag, false, 'The expressions are for the whole path.'),
  rmdirs: defaulted(flag, false, 'Remove directories too, with all they hold.'),
  rmlinks: defaulted(flag, true, 'Remove links too.'),
  followlinks: defaulted(flag, false, 'Look below directories that links lead to.'),
  time_comparison: defaulted(word(['atime', 'mtime', 'ctime']), 'atime', 'Which time tells the age.'),
  age_size_logical_operator: defaulted(word(['or', 'and']), 'or', 'Whether one of age and size is enough.'),
  age_size_only: optional(word(['age', 'size']), 'Only this one counts.'),
})
type TidiedArguments = v.InferOutput<typeof args>

export const tidied = stateFunction({
  summary: 'Makes sure that a directory holds nothing that is too old or too large.',
  args,
  examples: [
    '/var/cache/app:\n  file.tidied:\n    - age: 30\n    - time_comparison: mtime\n    - matches:\n        - .*\\.tmp$\n',
  ],
  refuse: (wanted) => {
    for (const argument of ['matches', 'exclude'] as const)
      for (const pattern of wanted[argument] ?? []) {
        const mistake = expressionMistake(pattern)
        if (mistake !== undefined) return { argument, reason: mistake }
      }
    return undefined
  },
  check,
})

async function check(wanted: TidiedArguments, look: Reader): Promise<Decision> {
  const { name } = wanted
  const info = await look.files.infoFollowed(name)
  if (info?.type !== 'directory') return failed(`${name} does not exist or is not a directory.`)
  const removed = await superfluous(name, wanted, look)
  if (removed.length === 0) return inSync(`Nothing to remove from directory ${name}`)
  return drift(
    { removed },
    {
      would: `${name} is set for tidy`,
      done: `Removed ${removed.length} files or directories from directory ${name}`,
    },
    async (act) => {
      for (const path of removed) await act.files.remove(path)
    },
  )
}

/** Paths, what is in a directory before the directory. */
async function superfluous(root: string, wanted: TidiedArguments, look: Reader): Promise<string[]> {
  const found: string[] = []
  const matches = matcherOf(wanted)
  const today = dayOf(systemClock.now())
  const seen = new Set<string>()
  const walk = async (directory: string): Promise<void> => {
    for (const name of await look.files.list(directory)) {
      const path = `${directory}/${name}`
      const info = await look.files.info(path)
      if (!info) continue
      const behind =
        info.type === 'symlink' && wanted.followlinks ? await look.files.infoFollowed(path) : info
      if (behind?.type === 'directory' && !seen.has(behind.identity)) {
        seen.add(behind.identity)
        await walk(path)
      }
      if (mayGo(info, wanted) && isDue(info, wanted, today) && matches(path)) found.push(path)
    }
  }
  await walk(root)
  return found
}

function matcherOf({ matches = ['.*'], exclude = [], full_path_match: whole }: TidiedArguments) {
  const wanted = matches.map((pattern) => compileRegex(pattern))
  const kept = exclude.map((pattern) => compileRegex(pattern))
  return (path: string): boolean => {
    const text = whole ? path : basename(path)
    const budget = fileBudget()
    return (
      wanted.some((regex) => regex.match(text, budget) !== undefined) &&
      !kept.some((regex) => regex.match(text, budget) !== undefined)
    )
  }
}

function mayGo({ type }: FileInfo, { rmdirs, rmlinks }: TidiedArguments): boolean {
  if (type === 'directory') return rmdirs
  return type !== 'symlink' || rmlinks
}

/** What is not given does not count; where neither is, everything is due. */
function isDue(info: FileInfo, wanted: TidiedArguments, today: number): boolean {
  const only = wanted.age_size_only?.toLowerCase()
  const tests: boolean[] = []
  if (wanted.age !== undefined && only !== 'size')
    tests.push(today - dayOf(timeOf(info, wanted)) >= wanted.age)
  if (wanted.size !== undefined && only !== 'age')
    tests.push((info.type === 'file' ? info.size : 0) >= wanted.size)
  if (tests.length === 0) return true
  return wanted.age_size_logical_operator.toLowerCase() === 'and' ? tests.every(Boolean) : tests.some(Boolean)
}

function timeOf(info: FileInfo, { time_comparison }: TidiedArguments): number {
  const which = time_comparison.toLowerCase()
  if (which === 'mtime') return info.modified
  return which === 'ctime' ? info.changed : info.accessed
}

/** Days by the calendar of this machine, as Salt counts them. */
function dayOf(milliseconds: number): number {
  const date = new Date(milliseconds)
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000)
}
