/** What a module of the tree says of itself, as its thread tells it and as it is kept beside the module. */
import * as v from 'valibot'
import type { CodeKind } from '../../shared/tree-code/code-paths.ts'

const Argument = v.object({
  type: v.picklist([
    ...(['text', 'nonEmptyText', 'flag', 'whole', 'seconds', 'absolutePath', 'mode', 'account'] as const),
    ...(['textList', 'mapping', 'environment', 'anything', 'choice'] as const),
  ]),
  words: v.optional(v.array(v.string())),
  need: v.picklist(['needed', 'optional', 'defaulted']),
  description: v.string(),
  fallback: v.optional(v.unknown()),
})
export type Argument = v.InferOutput<typeof Argument>

const Described = v.object({
  summary: v.optional(v.string(), ''),
  args: v.record(v.pipe(v.string(), v.regex(/^[A-Za-z_]\w*$/)), Argument),
  examples: v.optional(v.array(v.string()), []),
  repeats: v.optional(v.literal(true)),
  restArguments: v.optional(v.string()),
  readOnly: v.optional(v.boolean(), false),
  rest: v.optional(v.string()),
  restKeywords: v.optional(v.string()),
  whileRendering: v.optional(v.literal(true)),
  checks: v.boolean(),
  refreshes: v.boolean(),
  runs: v.boolean(),
})
export type FunctionDescription = v.InferOutput<typeof Described>

const Module = v.object({
  summary: v.optional(v.string(), ''),
  functions: v.record(v.pipe(v.string(), v.regex(/^[A-Za-z_]\w*$/)), Described),
})

/** A module, or why it cannot be loaded. */
export type ModuleDescription =
  | (v.InferOutput<typeof Module> & { readonly error?: undefined })
  | { readonly error: string }

/** @returns with what is wrong, in words, where a module is not as the contract has it */
export function readDescription(kind: CodeKind, told: unknown): ModuleDescription {
  const read = v.safeParse(Module, told)
  if (!read.success) {
    const [issue] = read.issues
    const path = issue.path?.map(({ key }) => String(key)).join('.') ?? ''
    return { error: `${path}: ${issue.message}` }
  }
  for (const [name, one] of Object.entries(read.output.functions)) {
    const error = flawOf(kind, one)
    if (error !== undefined) return { error: `${name}: ${error}` }
  }
  return read.output
}

function flawOf(kind: CodeKind, one: FunctionDescription): string | undefined {
  if (kind === 'modules') return one.runs ? undefined : 'an execution function has a method "run"'
  if (!one.checks) return 'a state function has a method "check"'
  if (one.args.name === undefined) return 'the arguments of a state function have "name" among them'
  return undefined
}
