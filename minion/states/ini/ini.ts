/** ini.*: options and sections of files such as /etc/mysql/my.cnf. */
import * as v from 'valibot'
import { isDict, isList, type Plain, type Value } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { mapping, textList } from '../../../shared/schema/collections.ts'
import { inOneLine } from '../../../shared/schema/in-one-line.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, readLooseText, text } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type ArgumentRefusal,
  type Decision,
  drift,
  inSync,
  stateFunction,
  stateModule,
} from '../contract.ts'
import { readTextFile, writeTextFile } from '../text-file.ts'
import { IniDocument, implicit } from './document.ts'

const name = needed(absolutePath, 'The file; made where it is missing.')
const separator = defaulted(text, '=', 'Stands between an option and its value.')
const sections = needed(
  mapping,
  'Section → option → value; an option directly here stands above all sections.',
)

/** Section → option → text. */
type Wanted = Map<string, Map<string, string>>

function wantedOptions(given: ReadonlyMap<unknown, Value>): Wanted {
  const wanted: Wanted = new Map()
  const add = (section: string, key: string, value: Value): void => {
    const options = wanted.get(section) ?? new Map<string, string>()
    wanted.set(section, options.set(key, readLooseText(value) ?? ''))
  }
  for (const [section, options] of given) {
    const pairs = isList(options)
      ? options.flatMap((item) => (isDict(item) ? [...item] : []))
      : isDict(options)
        ? [...options]
        : undefined
    if (pairs === undefined) add(implicit, String(section), options)
    else for (const [key, value] of pairs) add(String(section), String(key), value)
  }
  return wanted
}

function refuse({ sections: given }: { sections: ReadonlyMap<unknown, Value> }): ArgumentRefusal | undefined {
  for (const [section, options] of wantedOptions(given))
    for (const [key, value] of options)
      if (/[\r\n]/.test(section + key + value))
        return { argument: 'sections', reason: `${key} of ${section} has more than one line` }
  return undefined
}

async function edit(
  file: { readonly name: string; readonly separator: string },
  look: Reader,
  words: { readonly already: string; readonly would: string; readonly done: string },
  change: (document: IniDocument) => Record<string, Plain>,
): Promise<Decision> {
  const found = await readTextFile(file.name, look)
  if (found.kind !== 'text') return found
  const document = new IniDocument(found.text, file.separator)
  const changes = change(document)
  if (Object.keys(changes).length === 0) return inSync(words.already)
  return drift(changes, words, (act) => writeTextFile(found, document.text, act, { mode: 0o644 }))
}

const optionsPresent = stateFunction({
  summary: 'Makes sure that options have these values in sections of a file.',
  args: v.strictObject({
    name,
    sections,
    separator,
    strict: defaulted(flag, false, 'The sections named have no other options.'),
    encoding: optional(text, 'Accepted for trees of Salt; files are in UTF-8.'),
    no_spaces: optional(flag, 'Accepted for trees of Salt.'),
  }),
  examples: [
    '/etc/mysql/conf.d/app.cnf:\n  ini.options_present:\n    - separator: "="\n    - sections:\n        mysqld:\n          max_connections: 200\n',
  ],
  refuse,
  check: (wanted, look) =>
    edit(
      wanted,
      look,
      { already: 'No changes take effect', would: 'Changes would take effect', done: 'Changes take effect' },
      (document) => {
        const changes: Record<string, Plain> = {}
        for (const [section, options] of wantedOptions(wanted.sections)) {
          const now = document.options(section)
          const told: Record<string, Plain> = {}
          for (const [key, value] of options) {
            if (now.get(key) === value) continue
            told[key] = { before: now.get(key) ?? null, after: value }
            document.set(section, key, value)
          }
          for (const [key, value] of wanted.strict ? now : []) {
            if (options.has(key)) continue
            told[key] = { before: value, after: null }
            document.remove(section, key)
          }
          if (Object.keys(told).length > 0) changes[section] = told
        }
        return changes
      },
    ),
})

const optionsAbsent = stateFunction({
  summary: 'Makes sure that options do not stand in sections of a file.',
  args: v.strictObject({ name, separator, sections: needed(mapping, 'Section → list of options.') }),
  examples: [
    '/etc/mysql/conf.d/app.cnf:\n  ini.options_absent:\n    - sections:\n        mysqld: [skip-networking]\n',
  ],
  check: (wanted, look) =>
    edit(
      wanted,
      look,
      { already: 'No anomaly detected', would: 'Options would be removed', done: 'Changes take effect' },
      (document) => {
        const changes: Record<string, Plain> = {}
        for (const [section, options] of wanted.sections) {
          const names = isDict(options) ? [...options.keys()] : isList(options) ? options : [options]
          const now = document.options(String(section))
          const gone = names.map(String).filter((key) => now.has(key))
          for (const key of gone) document.remove(String(section), key)
          if (gone.length > 0)
            changes[String(section)] = Object.fromEntries(gone.map((key) => [key, now.get(key) ?? '']))
        }
        return changes
      },
    ),
})

const sectionsPresent = stateFunction({
  summary: 'Makes sure that a file has sections.',
  args: v.strictObject({ name, separator, sections: needed(inOneLine(textList), 'Names of sections.') }),
  examples: ['/etc/app.ini:\n  ini.sections_present:\n    - sections: [main, cache]\n'],
  check: (wanted, look) =>
    edit(
      wanted,
      look,
      { already: 'No changes take effect', would: 'Sections would be added', done: 'Changes take effect' },
      (document) => {
        const missing = wanted.sections.filter((section) => !document.hasSection(section))
        for (const section of missing) document.addSection(section)
        return Object.fromEntries(missing.map((section) => [section, { before: null, after: {} }]))
      },
    ),
})

const sectionsAbsent = stateFunction({
  summary: 'Makes sure that a file does not have sections.',
  args: v.strictObject({ name, separator, sections: needed(inOneLine(textList), 'Names of sections.') }),
  examples: ['/etc/app.ini:\n  ini.sections_absent:\n    - sections: [cache]\n'],
  check: (wanted, look) =>
    edit(
      wanted,
      look,
      { already: 'No anomaly detected', would: 'Sections would be removed', done: 'Changes take effect' },
      (document) => {
        const there = wanted.sections.filter(
          (section) => section !== implicit && document.hasSection(section),
        )
        const changes = Object.fromEntries(
          there.map((section) => [section, Object.fromEntries(document.options(section))]),
        )
        for (const section of there) document.removeSection(section)
        return changes
      },
    ),
})

export const ini = stateModule({
  summary: 'Options and sections of files such as my.cnf.',
  functions: {
    options_present: optionsPresent,
    options_absent: optionsAbsent,
    sections_present: sectionsPresent,
    sections_absent: sectionsAbsent,
  },
})
