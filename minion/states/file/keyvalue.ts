/** file.keyvalue: values of keys in a file of `key=value` lines. */
import * as v from 'valibot'
import { isDict, type Value } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, nonEmptyText, readLooseText, readText, text } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import { type ArgumentRefusal, inSync, stateFunction } from '../contract.ts'
import { type Edit, editFile, type FileText, linesOf } from './edit.ts'

const scalar = shaped<string>({
  words: 'text, number or flag',
  json: { type: ['string', 'number', 'boolean'] },
  read: (value) => readLooseText(value) ?? new Mismatch(`text is expected, not ${describeValue(value)}`),
})

const pairs = shaped<ReadonlyMap<string, string>>({
  words: 'mapping of keys and values',
  json: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
  read(value) {
    if (!isDict(value)) return new Mismatch(`a mapping is expected, not ${describeValue(value)}`)
    const read = new Map<string, string>()
    for (const [key, item] of value) {
      const one = item === null ? 'None' : readLooseText(item)
      if (one === undefined) return new Mismatch(`${String(key)} has ${describeValue(item)} instead of text`)
      read.set(String(key), one)
    }
    return read.size > 0 ? read : new Mismatch('it is empty')
  },
})

/** -1 stands for all of them. */
const lineCount = shaped<number>({
  words: 'whole number, or -1',
  json: { type: 'integer', minimum: -1 },
  read(value: Value) {
    const number = Number(readText(value) ?? Number.NaN)
    return Number.isSafeInteger(number) && number >= -1
      ? number
      : new Mismatch(`a whole number, or -1, is expected, not ${describeValue(value)}`)
  },
})

const args = v.strictObject({
  name: needed(absolutePath, 'The file.'),
  key: optional(nonEmptyText, 'The key.'),
  value: optional(scalar, 'Its value.'),
  key_values: optional(pairs, 'Several keys with their values.'),
  separator: defaulted(nonEmptyText, '=', 'What stands between key and value.'),
  append_if_not_found: defaulted(flag, false, 'Add keys that are not there at the end of the file.'),
  prepend_if_not_found: defaulted(flag, false, 'Add keys that are not there at its beginning.'),
  count: defaulted(
    lineCount,
    1,
    'How many lines of one key stay, further ones are removed; -1: all of them, 0: none.',
  ),
  uncomment: optional(
    text,
    'Characters such as `#` that make a line a comment; comments are then found too.',
  ),
  key_ignore_case: defaulted(flag, false, 'Find keys in upper and lower case.'),
  value_ignore_case: defaulted(flag, false, 'Leave values that differ in upper and lower case only.'),
  ignore_if_missing: defaulted(flag, false, 'A file that does not exist is no failure.'),
  show_changes: defaulted(flag, true, 'False: show no diff.'),
  search_only: optional(flag, 'Accepted for trees of Salt, where it does nothing either.'),
})
type KeyValueArguments = v.InferOutput<typeof args>

export const keyvalue = stateFunction({
  summary: 'Makes sure that keys of a file have these values.',
  args,
  examples: [
    "/etc/ssh/sshd_config:\n  file.keyvalue:\n    - key_values:\n        PermitRootLogin: 'no'\n        PasswordAuthentication: 'no'\n    - separator: ' '\n    - uncomment: '# '\n    - append_if_not_found: True\n",
  ],
  refuse,
  check: (wanted, look, run) => editFile(wanted, look, run, (file) => withValues(wanted, file)),
})

function refuse({ key, value, key_values }: KeyValueArguments): ArgumentRefusal | undefined {
  if (key_values && (key !== undefined || value !== undefined))
    return { argument: 'key_values', reason: 'it cannot be combined with key and value' }
  if (key_values || (key !== undefined && value !== undefined)) return undefined
  return key === undefined
    ? { argument: 'key', reason: 'key and value, or key_values, are needed' }
    : { argument: 'value', reason: 'the key needs a value' }
}

interface Pair {
  readonly key: string
  readonly value: string
  /** Lines that may still have it; negative: any number. */
  left: number
}

function withValues(wanted: KeyValueArguments, file: FileText): Edit {
  const given = wanted.key_values ?? new Map([[wanted.key ?? '', wanted.value ?? '']])
  const all: Pair[] = [...given].map(([key, value]) => ({
    key: file.own(key),
    value: file.own(value),
    left: wanted.count,
  }))
  let changed = 0
  const out: string[] = []
  for (const line of linesOf(file.text)) {
    const becomes = changeLine(line, all, wanted)
    if (becomes !== line) changed++
    if (becomes !== undefined) out.push(becomes)
  }
  const missing =
    wanted.append_if_not_found || wanted.prepend_if_not_found ? all.filter(({ left }) => left > 0) : []
  const added = missing.map(({ key, value }) => `${key}${wanted.separator}${value}\n`)
  changed += added.length
  if (changed === 0) return inSync('No changes needed to be made')
  const words = {
    would: `File ${wanted.name} is set to be changed (${changed} lines)`,
    done: `Changed ${changed} lines`,
  }
  if (!wanted.append_if_not_found) return { text: [...added.reverse(), ...out].join(''), ...words }
  const last = out.at(-1)
  if (added.length > 0 && last !== undefined && !last.endsWith('\n')) out[out.length - 1] = `${last}\n`
  return { text: [...out, ...added].join(''), ...words }
}

/** @returns undefined where the line goes, because its key had enough of them */
function changeLine(line: string, pairs: readonly Pair[], wanted: KeyValueArguments): string | undefined {
  const bare = wanted.uncomment ? withoutStart(line, wanted.uncomment) : line
  const at = bare.indexOf(wanted.separator)
  if (at === -1) return line
  const foundKey = bare.slice(0, at)
  const fold = (text: string): string => (wanted.key_ignore_case ? text.toLowerCase() : text)
  const pair = pairs.find(({ key }) => fold(key) === fold(foundKey))
  if (!pair) return line
  const wasComment = bare.length < line.length
  const foundValue = bare.slice(at + wanted.separator.length).trim()
  const same = wanted.value_ignore_case
    ? foundValue.toLowerCase() === pair.value.trim().toLowerCase()
    : foundValue === pair.value.trim()
  // A comment only becomes a line while its key still lacks one.
  const changes = wasComment ? pair.left > 0 || (pair.left < 0 && !same) : pair.left === 0 || !same
  const stays = pair.left !== 0
  if (pair.left > 0) pair.left--
  if (!changes) return line
  return stays ? `${foundKey}${wanted.separator}${pair.value}\n` : undefined
}

/** As Python's `lstrip(characters)`. */
function withoutStart(line: string, characters: string): string {
  let at = 0
  while (at < line.length && characters.includes(line[at] ?? '')) at++
  return line.slice(at)
}
