/** What is wrong with the value of an option, in words that do not come from a validator. */
import type * as v from 'valibot'
import { nearest } from '../data/nearest.ts'

export interface PlainIssue {
  readonly reason: string
  /** A suggestion, or else what the option is. */
  readonly hint: string
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'True or False',
  array: 'a list',
  record: 'a mapping',
}

export function plainIssue(issue: v.BaseIssue<unknown> | undefined, doc: string): PlainIssue {
  if (issue === undefined) return { reason: 'this cannot be its value', hint: doc }
  const got = printed(issue.input)
  const inside =
    issue.path === undefined || issue.path.length === 0
      ? ''
      : ` at "${issue.path.map(({ key }) => String(key)).join(':')}"`
  if (issue.type === 'picklist') {
    const choices = (issue.expected ?? '').match(/"[^"]*"/g)?.map((choice) => choice.slice(1, -1)) ?? []
    const near = typeof issue.input === 'string' ? nearest(issue.input, choices) : undefined
    return {
      reason: `one of ${choices.join(', ')} is expected, not ${got}`,
      hint: near === undefined ? doc : `Did you mean "${near}"?`,
    }
  }
  if (issue.type === 'min_value' || issue.type === 'max_value') {
    const bound = (issue.expected ?? '').replace(/^[<>]=/, '')
    return {
      reason: `a number of ${issue.type === 'min_value' ? 'at least' : 'at most'} ${bound} is expected, not ${got}`,
      hint: doc,
    }
  }
  if (issue.type === 'safe_integer') return { reason: `a whole number is expected, not ${got}`, hint: doc }
  if (issue.type === 'strict_object') return { reason: ofObject(issue, got), hint: doc }
  const kind = kinds[issue.type]
  if (kind === undefined) return { reason: issue.message, hint: doc }
  return { reason: `${kind} is expected${inside}, not ${got}`, hint: doc }
}

/** A mapping whose words are known: one is missing, or is too much. */
function ofObject({ path, expected }: v.BaseIssue<unknown>, got: string): string {
  const words = path?.map(({ key }) => String(key)).join(':')
  if (words === undefined) return `a mapping is expected, not ${got}`
  return expected === 'never' ? `there is no "${words}" in it` : `"${words}" is missing`
}

function printed(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Map || (typeof value === 'object' && value !== null)) return 'a mapping'
  return typeof value === 'string' ? `"${value.slice(0, 60)}"` : String(value ?? 'nothing')
}
