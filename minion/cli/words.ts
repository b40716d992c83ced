/** Reads the options of the minion's programs: few of them, so no library has to be loaded for each start. */
import { nearest } from '../../shared/data/nearest.ts'
import { TsaltError } from '../../shared/errors/error.ts'

export interface OptionWord {
  /** All its names: `-c`, `--config-dir`. */
  readonly names: readonly string[]
  /** Name of its value; absent: a flag. */
  readonly value?: string
  readonly help: string
}

export interface ReadWords<Name extends string> {
  readonly options: Partial<Record<Name, string>>
  /** What is not an option, in order. */
  readonly rest: readonly string[]
}

/**
 * Options may stand anywhere before `--`. After the first other word (the function) an unknown word that looks like
 * an option belongs to the function. Flags have the value `true`; of an option given twice the last one counts.
 * @throws TsaltError `usage-wrong`
 */
export function readWords<Name extends string>(
  words: readonly string[],
  table: Readonly<Record<Name, OptionWord>>,
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
  const long = /^(--[a-z][a-z-]*)(?:=(.*))?$/s.exec(word)
  if (long) return [long[1], long[2]]
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

function usage(reason: string, hint?: string): TsaltError {
  return new TsaltError('usage-wrong', { reason }, { hint: hint ?? '--help shows all options.' })
}

export function helpText(
  usageLine: string,
  summary: string,
  table: Readonly<Record<string, OptionWord>>,
): string {
  const rows = Object.values(table).map(({ names, value, help }) => {
    const left = `${names.join(', ')}${value === undefined ? '' : ` ${value}`}`
    return `  ${left.padEnd(34)} ${help}`
  })
  return `Usage: ${usageLine}\n\n${summary}\n\nOptions:\n${rows.join('\n')}\n`
}
