/** What is wrong with a request, in words of its own: the field first, then what is wanted there. */
import * as v from 'valibot'
import { nearest } from '../../shared/data/nearest.ts'

type Issue = v.BaseIssue<unknown>

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  record: 'an object',
  strict_object: 'an object',
  object: 'an object',
}
const bounds: Readonly<Record<string, (bound: string) => string>> = {
  min_value: (bound) => `a number of ${bound} at least is wanted`,
  max_value: (bound) => `a number of ${bound} at most is wanted`,
  min_length: (bound) => (bound === '1' ? 'it is empty' : `it has fewer than ${bound}`),
  max_length: (bound) => `it has more than ${bound}`,
  safe_integer: () => 'a whole number is wanted',
}

/** @param value what was sent. @param issues at least one */
export function issueWords(schema: v.GenericSchema, value: unknown, issues: readonly Issue[]): string {
  if (isObject(schema) && Array.isArray(value)) return 'an object is wanted, not a list'
  // A misspelt name is also one that is missing, and the misspelling is what has to be mended.
  const issue = issues.find(isStray) ?? issues[0]
  if (issue === undefined) return 'it is wrong'
  const path = v.getDotPath(issue)
  return path === null ? about(issue, schema) : `${path}: ${about(issue, schema)}`
}

const isObject = (schema: v.GenericSchema): boolean => schema.type === 'strict_object'
const isStray = ({ type, expected }: Issue): boolean => type === 'strict_object' && expected === 'never'

function about(issue: Issue, schema: v.GenericSchema): string {
  // Words of the schema itself.
  if (!issue.message.startsWith('Invalid ')) return issue.message
  if (isStray(issue)) return stray(issue, schema)
  if (issue.type === 'strict_object' && issue.received === 'undefined') return 'it is missing'
  const bound = bounds[issue.type]
  if (bound !== undefined) return bound((issue.expected ?? '').replace(/^[<>!]?=/, ''))
  if (issue.type === 'picklist' || issue.type === 'literal')
    return `one of ${(issue.expected ?? '').replace(/[()]/g, '').split(' | ').join(', ')} is wanted`
  const kind = kinds[issue.type]
  if (kind !== undefined) return `${kind} is wanted, not ${received(issue.input)}`
  return `${received(issue.input)} is nothing that can be taken here`
}

function stray({ path }: Issue, schema: v.GenericSchema): string {
  const [first, ...rest] = path ?? []
  const known = rest.length === 0 && 'entries' in schema ? Object.keys(schema.entries as object) : []
  const near = nearest(String(first?.key), known)
  return `there is no such field${near === undefined ? '' : ` (did you mean "${near}"?)`}`
}

function received(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)
}
