/**
 * Reads a configuration: `FILE`, then `FILE.d/*.conf` in order, later ones win, nothing else. An unknown key is an
 * error with a suggestion and its line.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import * as v from 'valibot'
import { nearest } from '../data/nearest.ts'
import { placeOfKey, placeOfValue } from '../data/provenance.ts'
import { type Dict, isDict, toPlain, type Value } from '../data/value.ts'
import { isTsaltError, TsaltError } from '../errors/error.ts'
import { loadYaml } from '../render/yaml.ts'
import { rememberWritten } from './as-written.ts'
import { plainIssue } from './issue.ts'
import type { Options, OptionTable } from './option.ts'

/**
 * @param file the main file, which may be missing; `overrides` come last (command-line flags)
 * @throws TsaltError `config-unreadable`, `config-option-unknown`, `config-option-invalid`, or of YAML
 */
export function loadOptions<Table extends OptionTable>(
  table: Table,
  file: string | undefined,
  overrides: Readonly<Record<string, unknown>> = {},
): Options<Table> {
  const settings: Record<string, unknown> = {}
  for (const path of file === undefined ? [] : configFiles(file))
    Object.assign(settings, readOptions(table, path))
  for (const [name, value] of Object.entries(overrides)) {
    if (value !== undefined) settings[name] = checkOption(table, name, value, undefined)
  }
  const options: Record<string, unknown> = {}
  for (const [name, definition] of Object.entries(table)) options[name] = settings[name] ?? definition.default
  return moveUnderRoot(table, options) as Options<Table>
}

/**
 * What one more file says over options that are read already.
 * @throws as `loadOptions`, and where there is no such file
 */
export function layerOptions<Table extends OptionTable>(
  table: Table,
  options: Options<Table>,
  file: string,
): Options<Table> {
  if (!existsSync(file)) {
    const hint = 'The file has to be on the machine whose options they are.'
    throw new TsaltError('config-unreadable', { file, reason: 'there is no such file' }, { hint })
  }
  return { ...options, ...readOptions(table, file) }
}

/** The main file, which may be missing, and those beside it, in the order in which they count. */
export function configFiles(file: string): string[] {
  const folder = `${file}.d`
  let extra: string[] = []
  try {
    extra = readdirSync(folder)
      .filter((name) => name.endsWith('.conf'))
      .sort()
  } catch (error) {
    if (!isMissing(error))
      throw new TsaltError('config-unreadable', { file: folder, reason: reasonOf(error) })
  }
  return [file, ...extra.map((name) => join(folder, name))]
}

function readOptions(table: OptionTable, file: string): Record<string, unknown> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return {}
    throw new TsaltError('config-unreadable', { file, reason: reasonOf(error) })
  }
  const value = parse(text, file)
  if (value === null) return {}
  if (!isDict(value))
    throw new TsaltError('config-unreadable', { file, reason: 'it is not a mapping of options' })
  return checkAll(table, value)
}

/** @throws TsaltError `config-option-twice`, `config-syntax` */
function parse(text: string, file: string): Value {
  try {
    return loadYaml(text, file)
  } catch (error) {
    if (!isTsaltError(error)) throw error
    const { place, related, hint, message } = error
    const { key } = error.parameters
    if (error.code === 'yaml-duplicate-key')
      throw new TsaltError('config-option-twice', { option: String(key) }, { place, related })
    throw new TsaltError('config-syntax', { reason: message.replace(/\.$/, '') }, { place, related, hint })
  }
}

function checkAll(table: OptionTable, dict: Dict): Record<string, unknown> {
  const settings: Record<string, unknown> = {}
  for (const [key, value] of dict) {
    const name = String(key)
    settings[name] = checkOption(table, name, table[name]?.placed ? value : toPlain(value), dict)
    rememberWritten(settings[name], value)
  }
  return settings
}

function checkOption(table: OptionTable, name: string, value: unknown, dict: Dict | undefined): unknown {
  const definition = Object.hasOwn(table, name) ? table[name] : undefined
  if (!definition) {
    const names = Object.keys(table)
    // `port` is the master's; a minion has `master_port`.
    const near = names.includes(`master_${name}`) ? `master_${name}` : nearest(name, names)
    throw new TsaltError(
      'config-option-unknown',
      { option: name },
      {
        place: placeOfKey(dict, name),
        hint: near ? `Did you mean "${near}"?` : 'docs/reference/configuration.md lists every option.',
      },
    )
  }
  // valibot takes a list for a mapping of its numbers.
  const isListed = definition.schema.type === 'record' && Array.isArray(value)
  const parsed = v.safeParse(definition.schema, value)
  if (isListed || !parsed.success) {
    const { reason, hint } = isListed
      ? { reason: 'a mapping is expected, not a list', hint: definition.doc }
      : plainIssue(parsed.issues?.[0], definition.doc)
    throw new TsaltError(
      'config-option-invalid',
      { option: name, reason },
      { place: placeOfValue(dict, name) ?? placeOfKey(dict, name), hint },
    )
  }
  return parsed.output
}

function moveUnderRoot(table: OptionTable, options: Record<string, unknown>): Record<string, unknown> {
  const root = resolve(String(options['root_dir'] ?? '/'))
  for (const [name, definition] of Object.entries(table)) {
    if (definition.path && root !== '/') options[name] = underRoot(root, String(options[name]))
  }
  for (const name of ['file_roots', 'pillar_roots']) {
    if (root !== '/' && options[name] === table[name]?.default)
      options[name] = moveRoots(root, options[name] as Record<string, string[]>)
  }
  options['root_dir'] = root
  return options
}

function underRoot(root: string, path: string): string {
  if (path === root || path.startsWith(`${root}/`)) return path
  return isAbsolute(path) ? join(root, path) : resolve(root, path)
}

function moveRoots(
  root: string,
  roots: Readonly<Record<string, readonly string[]>>,
): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(roots).map(([name, folders]) => [name, folders.map((folder) => underRoot(root, folder))]),
  )
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
}
function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? String(error)
  return reasons[code] ?? code
}
