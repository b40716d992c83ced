/** From returns to text: chooses the form by `--out`, `--state-output` and what kind of return it is. */
import { isDict, isList, type Value } from '../data/value.ts'
import { pretty } from '../render/jinja/filters/pretty.ts'
import {
  type HighstateOptions,
  highstateLines,
  type SaltForm,
  type StateLook,
  saltForms,
} from './highstate.ts'
import { jsonText } from './json-text.ts'
import { keyLines } from './key-lists.ts'
import { nestedLines, textLines } from './nested.ts'
import type { OutputName } from './output-names.ts'
import { type Paint, paintOf } from './paint.ts'
import { profileLines } from './profile.ts'
import { pythonRepr, pythonText } from './python-text.ts'
import { type AbsentHost, type ShortHost, shortHost, shortLines } from './short.ts'
import { tableLines } from './table.ts'
import { harmlessLine, harmlessValue } from './terminal-text.ts'
import { yamlText } from './yaml-text.ts'

export { type OutputName, outputNames } from './output-names.ts'
export const stateForms = ['short', ...saltForms] as const
export type StateForm = (typeof stateForms)[number]

export interface HostReturn {
  /** The minion's id, or `local`. */
  readonly id: string
  readonly ret: Value
  readonly retcode: number
  /** How a person should read it: `highstate` for state results, else `nested`. */
  readonly format: 'highstate' | 'nested'
}

interface More {
  readonly absent?: readonly AbsentHost[]
  /** Milliseconds from the command to the end. */
  readonly wall?: number
}

export interface OutputSettings {
  /** undefined: state runs in their own form, everything else nested. */
  readonly out: OutputName | undefined
  readonly stateForm: StateForm
  /** `--state-output=terse_id`: the ID in place of the name. */
  readonly byId?: boolean
  readonly stateVerbose: boolean
  readonly stateLook?: StateLook
  readonly color: boolean
  readonly unicode: boolean
  /** Spaces for each level of JSON; negative: one line. */
  readonly indent?: number
  /** Results say what would be done. Seen by itself where a result is None. */
  readonly dryRun?: boolean
}

/** `terse_id` → the form `terse`, by ID. undefined: no such form. */
export function parseStateForm(text: string): { form: StateForm; byId: boolean } | undefined {
  const byId = text.endsWith('_id')
  const form = stateForms.find((name) => name === (byId ? text.slice(0, -3) : text))
  return form === undefined || (byId && form === 'short') ? undefined : { form, byId }
}

/** Is this for programs, so that nothing but data may stand beside it? */
export function isDocument(settings: OutputSettings): boolean {
  const { out } = settings
  return out !== undefined && out !== 'nested' && out !== 'highstate'
}

/** Must all returns be there before the first is shown? True of the short form, which puts equal hosts together. */
export function needsAll(format: HostReturn['format'], settings: OutputSettings): boolean {
  return asStates(format, settings) && settings.stateForm === 'short'
}

/** One host, as soon as it has returned. With its last newline; empty for `quiet`. */
export function formatHost(host: HostReturn, settings: OutputSettings): string {
  if (!isDocument(settings)) return joined(humanLines([host], settings))
  return formatDocument(new Map([[host.id, host.ret]]), settings, true)
}

/** All hosts: one document (`--static`), or the short form with its groups, absent hosts and summary. */
export function formatHosts(hosts: readonly HostReturn[], settings: OutputSettings, more: More = {}): string {
  if (!isDocument(settings)) return joined(humanLines(hosts, settings, more))
  return formatDocument(new Map(hosts.map((host) => [host.id, host.ret])), settings, true)
}

/** What has to be kept of a host that the short form shows: thousands of them take little memory. */
export function gatherHost(host: HostReturn, settings: OutputSettings): ShortHost {
  const clean = { ...host, id: harmlessLine(host.id), ret: harmlessValue(host.ret) }
  return shortHost(clean, { paint: paintOf(settings.color), unicode: settings.unicode })
}

/** The short form of all that was gathered. */
export function formatGathered(
  hosts: readonly ShortHost[],
  settings: OutputSettings,
  more: More = {},
): string {
  return joined(allShortLines(hosts, settings, more))
}

/** Any value without a host around it: of runners and keys. */
export function formatValue(value: Value, settings: OutputSettings): string {
  if (isDocument(settings)) return formatDocument(value, settings, false)
  return joined(nestedLines(harmlessValue(value), { paint: paintOf(settings.color) }))
}

function formatDocument(value: Value, settings: OutputSettings, byHost: boolean): string {
  switch (settings.out) {
    case 'json':
      return `${jsonText(value, settings.indent ?? 4)}\n`
    case 'yaml':
      return yamlText(value)
    case 'txt':
      return joined(textOut(harmlessValue(value)))
    case 'raw':
      return `${pythonRepr(harmlessValue(value))}\n`
    case 'pprint':
      return `${pretty(harmlessValue(value))}\n`
    case 'table':
      return joined(tableLines(harmlessValue(value), paintOf(settings.color)))
    case 'newline_values_only':
      return joined(valuesOnly(harmlessValue(value)))
    case 'profile':
      return joined(profileLines(harmlessValue(value), paintOf(settings.color)))
    case 'key':
      return joined(keysOut(harmlessValue(value), paintOf(settings.color), byHost))
    default:
      return ''
  }
}

function humanLines(hosts: readonly HostReturn[], settings: OutputSettings, more: More = {}): string[] {
  const paint = paintOf(settings.color)
  const clean = hosts.map((host) => ({ ...host, id: harmlessLine(host.id), ret: harmlessValue(host.ret) }))
  if (clean.some((host) => needsAll(host.format, settings)) || (clean.length === 0 && more.absent))
    return allShortLines(
      clean.map((host) => shortHost(host, { paint, unicode: settings.unicode })),
      settings,
      more,
    )
  const { form, verbose, byId } = {
    form: saltForm(settings),
    verbose: settings.stateVerbose,
    byId: settings.byId,
  }
  const options: HighstateOptions = {
    paint,
    form,
    verbose,
    byId: byId ?? false,
    look: settings.stateLook ?? {},
  }
  return clean.flatMap(
    (host) =>
      (asStates(host.format, settings) ? highstateLines(host.id, host.ret, options) : undefined) ??
      nestedLines(new Map([[host.id, host.ret]]), { paint, retcode: host.retcode }),
  )
}

const asStates = (format: HostReturn['format'], settings: OutputSettings): boolean =>
  settings.out === 'highstate' || (settings.out === undefined && format === 'highstate')

const saltForm = (settings: OutputSettings): SaltForm =>
  settings.stateForm === 'short' ? 'full' : settings.stateForm

function allShortLines(hosts: readonly ShortHost[], settings: OutputSettings, more: More): string[] {
  const dryRun = settings.dryRun ?? hosts.some(({ predicts }) => predicts)
  return shortLines(hosts, { ...more, paint: paintOf(settings.color), unicode: settings.unicode, dryRun })
}

/** Lists of keys, of one or several hosts; what is none is nested. */
function keysOut(value: Value, paint: Paint, byHost: boolean): string[] {
  const own = byHost ? undefined : keyLines(value, paint)
  if (own !== undefined || !isDict(value)) return own ?? nestedLines(value, { paint })
  return [...value].flatMap(([host, ret]) => {
    const lines = keyLines(ret, paint)
    return lines ? [`${pythonText(host)}:`, ...lines] : nestedLines(new Map([[host, ret]]), { paint })
  })
}

function textOut(value: Value): string[] {
  if (!isDict(value)) return isList(value) ? value.map(plainText) : textLines(plainText(value))
  return [...value].flatMap(([key, item]) => {
    const lines = typeof item === 'string' ? textLines(item) : [plainText(item)]
    return (lines.length === 0 ? [''] : lines).map((line) => `${pythonText(key)}: ${line}`)
  })
}

function valuesOnly(value: Value): string[] {
  if (isDict(value)) return [...value.values()].flatMap(valuesOnly)
  return isList(value) ? value.flatMap(valuesOnly) : textLines(pythonText(value))
}

const plainText = (value: Value): string => (typeof value === 'string' ? value : pythonRepr(value))

const joined = (lines: readonly string[]): string => (lines.length === 0 ? '' : `${lines.join('\n')}\n`)
