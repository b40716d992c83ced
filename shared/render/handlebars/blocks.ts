/** The helpers with a block: if, unless, each, with. Loops keep the order of mappings. */
import { isDict, isList, type Value } from '../../data/value.ts'
import { type HandlebarsOptions, spend } from './call.ts'
import { isTrue } from './helpers.ts'
import { TemplateProblem } from './problem.ts'
import { DictView, ListView, originalOf, viewOf } from './views.ts'

export type BlockHelper = (
  context: unknown,
  visible: readonly unknown[],
  options: HandlebarsOptions,
) => string

export const blockHelpers: Readonly<Record<string, BlockHelper>> = {
  raw: (context, _visible, options) => options.fn?.(context) ?? '',
  if: (context, visible, options) => branch(context, isTrue(subject(visible, options)), options),
  unless: (context, visible, options) => branch(context, !isTrue(subject(visible, options)), options),
  with: (context, visible, options) => {
    if (!isTrue(subject(visible, options))) return branch(context, false, options)
    return options.fn?.(visible[0], { data: options.data, blockParams: [visible[0]] }) ?? ''
  },
  each: (context, visible, options) => {
    const value = subject(visible, options)
    if (value === undefined) {
      throw new TemplateProblem(
        'template-argument',
        { helper: 'each', reason: 'what it should walk is not defined' },
        options.loc,
        'Give a default: {{#each (default (lookup …) (…))}}, or put {{#if …}} around it.',
      )
    }
    if (!isTrue(value)) return branch(context, false, options)
    return walk(visible[0], options)
  },
}

function subject(visible: readonly unknown[], options: HandlebarsOptions): Value | undefined {
  if (visible.length === 1) return originalOf(visible[0])
  throw new TemplateProblem(
    'template-argument',
    { helper: options.name, reason: 'it takes one argument' },
    options.loc,
  )
}

function branch(context: unknown, yes: boolean, options: HandlebarsOptions): string {
  spend(options, 1, 0)
  return (yes ? options.fn?.(context) : options.inverse?.(context)) ?? ''
}

function walk(visible: unknown, options: HandlebarsOptions): string {
  const original = originalOf(visible)
  const view = visible instanceof DictView ? visible : viewOf(original ?? null)
  const items: [key: unknown, item: unknown][] =
    view instanceof DictView
      ? [...view.entries()]
      : view instanceof ListView
        ? view.original().map((item, index) => [index, viewOf(item)])
        : notWalkable(options)
  let output = ''
  for (const [index, [key, item]] of items.entries()) {
    const data = {
      ...options.data,
      _parent: options.data,
      key,
      index,
      first: index === 0,
      last: index === items.length - 1,
    }
    const part = options.fn?.(item, { data, blockParams: [item, key] }) ?? ''
    spend(options, 1, part.length)
    output += part
  }
  return output
}

function notWalkable(options: HandlebarsOptions): never {
  throw new TemplateProblem(
    'template-argument',
    { helper: 'each', reason: 'it walks a list or a mapping' },
    options.loc,
  )
}

/** `{{#name}}…{{/name}}` of a variable: a list is walked, anything else that is true becomes the scope. */
export function sectionOf(context: unknown, value: unknown, options: HandlebarsOptions): string {
  const original = originalOf(value)
  if (!isTrue(original)) return branch(context, false, options)
  if (value === true) return branch(context, true, options)
  return isList(original) && !isDict(original)
    ? walk(value, options)
    : (options.fn?.(value, { data: options.data }) ?? '')
}
