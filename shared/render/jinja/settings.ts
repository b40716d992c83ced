/** How an environment reads templates: `jinja_env` and `jinja_sls_env` of the configuration. */
import { nearest } from '../../data/nearest.ts'
import type { Dict, Value } from '../../data/value.ts'
import { TsaltError } from '../../errors/error.ts'

export interface JinjaSettings {
  readonly blockStart: string
  readonly blockEnd: string
  readonly variableStart: string
  readonly variableEnd: string
  readonly commentStart: string
  readonly commentEnd: string
  readonly lineStatementPrefix: string | undefined
  readonly lineCommentPrefix: string | undefined
  readonly trimBlocks: boolean
  readonly lstripBlocks: boolean
  /** What each line of the template's text ends with in the output. */
  readonly newlineSequence: string
  readonly keepTrailingNewline: boolean
  /** False: a missing name prints as nothing. */
  readonly strictUndefined: boolean
  readonly autoescape: boolean
}

export const defaultSettings: JinjaSettings = {
  blockStart: '{%',
  blockEnd: '%}',
  variableStart: '{{',
  variableEnd: '}}',
  commentStart: '{#',
  commentEnd: '#}',
  lineStatementPrefix: undefined,
  lineCommentPrefix: undefined,
  trimBlocks: false,
  lstripBlocks: false,
  newlineSequence: '\n',
  keepTrailingNewline: false,
  strictUndefined: true,
  autoescape: false,
}

/** Two settings with the same key read every template the same. */
export function settingsKey(settings: JinjaSettings): string {
  return settings === defaultSettings ? '' : JSON.stringify(Object.values(settings))
}

const lenientOnes = new WeakMap<JinjaSettings, JinjaSettings>()

/** The same, but a missing name prints as nothing. */
export function lenient(settings: JinjaSettings): JinjaSettings {
  if (!settings.strictUndefined) return settings
  const made = lenientOnes.get(settings) ?? { ...settings, strictUndefined: false }
  lenientOnes.set(settings, made)
  return made
}

type Read = (name: string, value: Value) => Partial<JinjaSettings>

function texts(key: keyof JinjaSettings): Read {
  return (name, value) => {
    if (typeof value !== 'string' || value === '') throw invalid(name, 'a text that is not empty')
    return { [key]: value }
  }
}

function switches(key: keyof JinjaSettings, turned = false): Read {
  return (name, value) => {
    if (typeof value !== 'boolean') throw invalid(name, 'true or false')
    return { [key]: value !== turned }
  }
}

function newlines(name: string, value: Value): Partial<JinjaSettings> {
  if (value !== '\n' && value !== '\r\n' && value !== '\r') throw invalid(name, '"\\n", "\\r\\n" or "\\r"')
  return { newlineSequence: value }
}

/** Jinja's names, and `allow_undefined`, which Salt takes from the context of a template. */
const options: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['block_start_string', texts('blockStart')],
  ['block_end_string', texts('blockEnd')],
  ['variable_start_string', texts('variableStart')],
  ['variable_end_string', texts('variableEnd')],
  ['comment_start_string', texts('commentStart')],
  ['comment_end_string', texts('commentEnd')],
  ['line_statement_prefix', texts('lineStatementPrefix')],
  ['line_comment_prefix', texts('lineCommentPrefix')],
  ['trim_blocks', switches('trimBlocks')],
  ['lstrip_blocks', switches('lstripBlocks')],
  ['newline_sequence', newlines],
  ['keep_trailing_newline', switches('keepTrailingNewline')],
  ['allow_undefined', switches('strictUndefined', true)],
])

function invalid(option: string, wanted: string): TsaltError {
  return new TsaltError('jinja-option-invalid', { option, wanted })
}

const known = new WeakMap<Dict, JinjaSettings>()

/** The settings of a `jinja_env`; for the same dict the same. @throws TsaltError `jinja-option-…` */
export function settingsFrom(given: Dict): JinjaSettings {
  const found = known.get(given)
  if (found !== undefined) return found
  const made: JinjaSettings = { ...defaultSettings }
  for (const [key, value] of given) {
    const name = String(key).toLowerCase()
    const read = options.get(name)
    if (read === undefined) throw unknownOption(String(key))
    if (value !== null) Object.assign(made, read(name, value))
  }
  const { blockStart, variableStart, commentStart } = made
  if (new Set([blockStart, variableStart, commentStart]).size < 3)
    throw invalid('block_start_string', 'different from variable_start_string and comment_start_string')
  const settings =
    settingsKey(made) === JSON.stringify(Object.values(defaultSettings)) ? defaultSettings : made
  known.set(given, settings)
  return settings
}

function unknownOption(option: string): TsaltError {
  const near = nearest(option.toLowerCase(), options.keys())
  return new TsaltError(
    'jinja-option-unknown',
    { option },
    near === undefined ? {} : { hint: `Did you mean "${near}"?` },
  )
}
