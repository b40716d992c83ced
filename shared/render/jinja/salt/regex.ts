/** Filters and the test with regular expressions, in Python's syntax and within a budget. */
import { compileGlob } from '../../../targeting/glob.ts'
import { escapeHtml } from '../escape.ts'
import {
  type CallContext,
  defineFilter,
  defineTest,
  type FilterFunction,
  iterate,
  Markup,
  PyBytes,
  PyError,
  PyTuple,
  type RuntimeValue,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'
import { isText, textArgument } from './arguments.ts'
import {
  type Budget,
  compileRegex,
  escapeRegex,
  type PythonRegex,
  RegexLimitError,
  RegexSyntaxError,
  stepsOfOneCall,
} from './regex/python-regex.ts'

const flagParameters = [
  ['ignorecase', false],
  ['multiline', false],
] as const

export const regexFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter('regex_search', ['txt', 'rgx', ...flagParameters], (context, text, pattern, ...flags) =>
    withRegex(context, 'regex_search', pattern, flags, (regex, budget) =>
      groupsOf(regex.search(textArgument(text, 'regex_search'), budget)),
    ),
  ),
  defineFilter('regex_match', ['txt', 'rgx', ...flagParameters], (context, text, pattern, ...flags) =>
    withRegex(context, 'regex_match', pattern, flags, (regex, budget) =>
      groupsOf(regex.match(textArgument(text, 'regex_match'), budget)),
    ),
  ),
  defineFilter(
    'regex_replace',
    ['txt', 'rgx', 'val', ...flagParameters],
    (context, text, pattern, value, ...flags) =>
      withRegex(context, 'regex_replace', pattern, flags, (regex, budget) =>
        regex.replace(
          textArgument(text, 'regex_replace'),
          textArgument(value, 'regex_replace(val)'),
          budget,
          undefined,
          text instanceof Markup ? escapeHtml : undefined,
        ),
      ),
  ),
  defineFilter('regex_escape', ['value'], (_context, value) =>
    value instanceof PyBytes
      ? new PyBytes(Buffer.from(escapeRegex(Buffer.from(value.bytes).toString('latin1')), 'latin1'))
      : value instanceof Markup
        ? new Markup(escapeRegex(value.text))
        : escapeRegex(textArgument(value, 'regex_escape')),
  ),
  defineFilter(
    'check_whitelist_blacklist',
    ['value', ['whitelist', null], ['blacklist', null]],
    checkWhitelistBlacklist,
  ),
]

export const regexTests: readonly (readonly [string, FilterFunction])[] = [
  defineTest('match', ['txt', 'rgx', ...flagParameters], (context, text, pattern, ...flags) =>
    withRegex(
      context,
      'match',
      pattern,
      flags,
      (regex, budget) => regex.match(testedText(text), budget) !== undefined,
    ),
  ),
]

function groupsOf(match: { readonly groups: readonly (string | null)[] } | undefined): RuntimeValue {
  return match === undefined ? null : new PyTuple(match.groups)
}

/** @throws PyError with the expression in its message */
export function withRegex<Result>(
  context: CallContext,
  name: string,
  pattern: RuntimeValue,
  [ignoreCase = false, multiline = false]: readonly RuntimeValue[],
  use: (regex: PythonRegex, budget: Budget) => Result,
): Result {
  const text = textArgument(pattern, `${name}(rgx)`)
  const budget: Budget = { left: stepsOfOneCall }
  try {
    return use(compileRegex(text, { ignoreCase: truthy(ignoreCase), multiline: truthy(multiline) }), budget)
  } catch (error) {
    throw explained(error, name, text)
  } finally {
    // Steps of the engine are much smaller than those of a template.
    context.spend(Math.ceil((stepsOfOneCall - budget.left) / 16))
  }
}

function explained(error: unknown, name: string, pattern: string): unknown {
  const shown = pattern.length > 120 ? `${pattern.slice(0, 120)}…` : pattern
  if (error instanceof RegexSyntaxError)
    return new PyError(
      'ValueError',
      `${name}: the regular expression "${shown}" cannot be read: ${error.message}`,
      'Expressions have the syntax of Python; in a Jinja text each backslash is written twice.',
    )
  if (error instanceof RegexLimitError)
    return new PyError(
      'LimitError',
      `${name}: the regular expression "${shown}" needs too many steps on this text`,
      'Avoid repetitions inside repetitions such as (a+)+, and alternatives that match the same.',
    )
  return error
}

/** The list that decides: the black one first, then the white one. */
function checkWhitelistBlacklist(
  context: CallContext,
  value: RuntimeValue,
  white: RuntimeValue = null,
  black: RuntimeValue = null,
): boolean {
  const listed = (list: RuntimeValue, name: string): boolean => {
    const expressions = isText(list) ? [list] : expressionsOf(list, name)
    return expressions.some((expression) => expressionMatches(context, value, expression))
  }
  const inBlack = truthy(black) && listed(black, 'blacklist')
  const inWhite = truthy(white) && listed(white, 'whitelist')
  if (truthy(black)) return !inBlack && (!truthy(white) || inWhite)
  return !truthy(white) || inWhite
}

function expressionsOf(list: RuntimeValue, name: string): readonly RuntimeValue[] {
  if (typeof list === 'number' || typeof list === 'boolean')
    throw new PyError('TypeError', `Expecting iterable ${name}, but got ${typeName(list)}`)
  return iterate(list)
}

/** As a glob, else as a regular expression for the whole text; one that is none does not match. */
function expressionMatches(context: CallContext, value: RuntimeValue, expression: RuntimeValue): boolean {
  if (!isText(value) || !isText(expression)) return false
  const text = textArgument(value, 'value')
  const pattern = textArgument(expression, 'expression')
  if (compileGlob(pattern)(text)) return true
  try {
    return withRegex(
      context,
      'check_whitelist_blacklist',
      `\\A${pattern}\\Z`,
      [],
      (regex, budget) => regex.match(text, budget) !== undefined,
    )
  } catch (error) {
    if (error instanceof PyError && error.kind === 'ValueError') return false
    throw error
  }
}

/** A lenient undefined is the empty text. */
function testedText(value: RuntimeValue): string {
  return value instanceof Undefined && !value.strict ? '' : textArgument(value, 'match')
}
