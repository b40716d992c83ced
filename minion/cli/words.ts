/** Reads the options of the minion's programs: few of them, so no library has to be loaded for each start. */
import { nearest } from '../../shared/data/nearest.ts'
import { TsaltError } from '../../shared/errors/error.ts'

export interface OptionWord {
  /** All its names: `-c`, `--config-dir`. */
  readonly names: readonly string[]
  /** Name of its value; absent: a flag. */
  readonly value?: string
  readonly help: string
  /** Heading in the help. */
  readonly group?: string
}

/** An option of Salt's that tsalt does not have: refused by name. */
export interface LaterWord {
  readonly names: readonly string[]
  readonly meaning: string
  /** What does the same here. */
  readonly instead: string
}

export interface ReadWords<Name extends string> {
  readonly options: Partial<Record<Name, string>>
  /** What is not an option, in order. */
  readonly rest: readonly string[]
}

/**
 * Options may stand anywhere before `--`. After the first other word (the function) an unknown word that looks like
 * an option belongs to the function. Flags have the value `true`; of an option given twice the last one counts.
 * @throws TsaltError `usage-wrong`, `usage-option-later`
 */
export function readWords<Name extends string>(
  words: readonly string[],
  table: Readonly<Record<Name, OptionWord>>,
  later: readonly LaterWord[] = [],
): ReadWords<Name> {
  const options: Partial<Record<Name, string>> = {}
  const rest: string[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (word === '--') {
      rest.push(...words.slice(index + 1))
      break
    }
    const [name, inline] = splitOption(word)
    const found = name === undefined ? undefined : findOption(name, table)
    if (found === undefined) {
      if (name !== undefined) refuseLater(name, later)
      if (name !== undefined && rest.length === 0) throw unknownOption(name, table)
      rest.push(word)
      continue
    }
    const [key, option] = found
    if (option.value === undefined) {
      if (inline !== undefined) throw usage(`The option ${name} takes no value`)
      options[key] = 'true'
      continue
    }
    const value = inline ?? words[++index]
    if (value === undefined) throw usage(`The option ${name} needs a value: ${option.value}`)
    options[key] = value
  }
  return { options, rest }
}

/** `--name=value`, `--name`, `-n`; undefined: not an option at all. */
function splitOption(word: string): [name: string | undefined, value: string | undefined] {
  const long = /^(--[a-z][a-z_-]*)(?:=(.*))?$/s.exec(word)
  // Salt takes --state_output for --state-output.
  if (long) return [long[1]?.replaceAll('_', '-'), long[2]]
  return [/^-[A-Za-z]$/.test(word) ? word : undefined, undefined]
}

function findOption<Name extends string>(
  name: string,
  table: Readonly<Record<Name, OptionWord>>,
): [Name, OptionWord] | undefined {
  for (const key in table) if (table[key].names.includes(name)) return [key, table[key]]
  return undefined
}

function unknownOption(name: string, table: Readonly<Record<string, OptionWord>>): TsaltError {
  const near = nearest(
    name,
    Object.values(table).flatMap(({ names }) => names),
  )
  return usage(`There is no option ${name}`, near && `Did you mean ${near}?`)
}

function refuseLater(name: string, later: readonly LaterWord[]): void {
  const found = later.find(({ names }) => names.includes(name))
  if (found === undefined) return
  const { names, meaning, instead } = found
  throw new TsaltError('usage-option-later', { option: names.join(', '), meaning, instead })
}

function usage(reason: string, hint?: string): TsaltError {
  return new TsaltError('usage-wrong', { reason }, { hint: hint ?? '--help shows all options.' })
}

/** Where the sentences of the help begin, and where they end. */
const column = 41
const widest = 100

/** Lines that fit beside the options. */
function wrapped(help: string): string[] {
  const lines: string[] = ['']
  for (const word of help.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && column + line.length + 1 + word.length > widest) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}

export function helpText(
  usageLine: string,
  summary: string,
  table: Readonly<Record<string, OptionWord>>,
): string {
  const groups = new Map<string, string[]>()
  for (const { names, value, help, group = 'Options' } of Object.values(table)) {
    const left = `${names.join(', ')}${value === undefined ? '' : ` ${value}`}`
    const [first = '', ...more] = wrapped(help)
    const rows = [`  ${left.padEnd(column - 3)} ${first}`, ...more.map((line) => ' '.repeat(column) + line)]
    groups.set(group, [...(groups.get(group) ?? []), ...rows])
  }
  const shown = [...groups].map(([group, rows]) => `${group}:\n${rows.join('\n')}\n`)
  return `Usage: ${usageLine}\n\n${summary}\n\n${shown.join('\n')}`
}
