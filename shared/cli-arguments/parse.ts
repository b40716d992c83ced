/** How words typed after a function become its arguments: Salt's rules, with the improvements named below. */
import { type Dict, isDict, isList, type Value } from '../data/value.ts'
import { isJobId } from '../ids.ts'
import { loadYaml } from '../render/yaml.ts'

export interface TypedArguments {
  readonly args: Value[]
  readonly kwargs: Dict
}

/**
 * `key=value` is a keyword argument where the key is an identifier (not `dGV4dA==`); each value is read as YAML.
 * The first argument of `cmd.*` is a command line and stays the text that was typed (Salt runs `False` for
 * `cmd.run false`), integers with a leading zero stay text (Salt makes 644 of `0644`), and so do job ids.
 * @param fun `module.function`, for the rule about `cmd.*`
 * @param texts keywords whose values stay as they were typed (`--no-parse`)
 */
export function parseArguments(
  words: readonly string[],
  fun = '',
  texts: readonly string[] = [],
): TypedArguments {
  const args: Value[] = []
  const kwargs: Dict = new Map()
  for (const word of words) {
    // A command such as `A=1 make` must stay a command, so the key may be followed by no blank in cmd.*.
    const commandLine = fun.startsWith('cmd.') && args.length === 0
    const keyword = commandLine && /\s/.test(word) ? null : /^([A-Za-z_]\w*)=(?!=)(.*)$/s.exec(word)
    if (keyword?.[1] !== undefined) {
      kwargs.set(
        keyword[1],
        commandKey(fun, keyword[1]) || texts.includes(keyword[1])
          ? (keyword[2] ?? '')
          : typeWord(keyword[2] ?? ''),
      )
    } else args.push(commandLine ? word : typeWord(word))
  }
  return { args, kwargs }
}

/** One word as YAML, where that is safe; anything that is not clearly meant as data stays text. */
export function typeWord(word: string): Value {
  const simple = simpleWord(word)
  if (simple !== undefined) return simple
  if (staysText(word)) return word
  let value: Value
  try {
    value = loadYaml(word, '<command line>')
  } catch {
    // Not YAML, as `[a` or `*`: the user means the text.
    return word
  }
  if (word.includes('#') && (typeof value === 'string' || value === null)) return word
  if (isDict(value)) return word.startsWith('{') ? value : word
  if (isList(value)) return word.startsWith('[') ? value : word
  if (value === '' && (word === '|' || word === '!' || word === '>')) return word
  return value
}

const commandKey = (fun: string, key: string): boolean => fun.startsWith('cmd.') && key === 'cmd'

const constants = new Map<string, Value>([
  ['True', true],
  ['False', false],
  ['true', true],
  ['false', false],
  ['None', null],
  ['null', null],
])
const yamlWords = new Set(['yes', 'no', 'true', 'false', 'on', 'off', 'null', 'none'])

/** What can be told without a YAML parser, as most words can. */
function simpleWord(word: string): Value | undefined {
  const constant = constants.get(word)
  if (constant !== undefined) return constant
  if (/^-?[1-9]\d{0,14}$/.test(word) || word === '0') return Number(word)
  if (/^[A-Za-z/][\w./-]*$/.test(word) && !yamlWords.has(word.toLowerCase())) return word
  return undefined
}

function staysText(word: string): boolean {
  return (
    word.trim() === '' ||
    /[\t\r\n]/.test(word) ||
    /^[-+]?[\d_.,:]*_[\d_.,:]*$/.test(word) ||
    /^[-+]?0\d+$/.test(word) ||
    isJobId(word) ||
    word.startsWith('---') ||
    word.startsWith('...')
  )
}
