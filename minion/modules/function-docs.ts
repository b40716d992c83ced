/** Documentation and arguments of functions, as `sys.doc` and `sys.argspec` tell them. */
import { type Plain, toPlain, type Value } from '../../shared/data/value.ts'

/** An execution or state function, as far as it is told about. */
export interface Described {
  readonly summary: string
  readonly args: { readonly entries: Readonly<Record<string, unknown>> }
  readonly examples: readonly string[]
  /** Name of the argument that takes all further positional ones; of those that take other keywords. */
  readonly rest?: string
  readonly restKeywords?: string
  readonly restArguments?: string
  readonly anyArguments?: true
}

export function documentation(name: string, described: Described): string {
  const { summary, args, examples } = described
  const lines = [summary, '', `    ${name} ${signature(described)}`.trimEnd()]
  for (const [argument, schema] of Object.entries(args.entries)) {
    const { description, fallback } = detailsOf(schema)
    const usual = fallback === undefined ? '' : ` Default: ${JSON.stringify(toPlain(fallback as Value))}`
    lines.push(`    ${argument}: ${description}${usual}`.trimEnd())
  }
  return [...lines, '', ...examples.map((example) => example.trimEnd().replace(/^(?=.)/gm, '    '))].join(
    '\n',
  )
}

/** Salt's: names, defaults of the last of them, and whether others are taken too. */
export function argumentSpec(described: Described): Plain {
  const { args, rest, restKeywords, restArguments, anyArguments } = described
  const others = new Set([rest, restKeywords, restArguments])
  const own = Object.entries(args.entries).filter(([name]) => !others.has(name))
  const needed = own.filter(([, schema]) => !isOptional(schema))
  const left = own.filter(([, schema]) => isOptional(schema))
  return {
    args: [...needed, ...left].map(([name]) => name),
    defaults:
      left.length === 0
        ? null
        : left.map(([, schema]) => toPlain((detailsOf(schema).fallback ?? null) as Value) as Plain),
    varargs: rest === undefined ? null : true,
    kwargs: restKeywords !== undefined || restArguments !== undefined || anyArguments ? true : null,
  }
}

function signature({ args, rest, restKeywords, restArguments }: Described): string {
  return Object.keys(args.entries)
    .map((name) =>
      name === rest
        ? `[${name} …]`
        : name === restKeywords || name === restArguments
          ? `[${name}=… …]`
          : name,
    )
    .join(' ')
}

const isOptional = (schema: unknown): boolean =>
  /^(?:exact_)?optional$/.test((schema as { type: string }).type)

/** An optional argument wraps the pipeline that has the description. */
function detailsOf(schema: unknown): { description: string; fallback: unknown } {
  let fallback: unknown
  for (let at: unknown = schema; typeof at === 'object' && at !== null; ) {
    if ('default' in at && at.default !== undefined) fallback = at.default
    if ('pipe' in at && Array.isArray(at.pipe)) {
      const found = at.pipe.find((item: { type?: unknown }) => item.type === 'description')
      if (found) return { description: String(found.description), fallback }
    }
    at = 'wrapped' in at ? at.wrapped : undefined
  }
  return { description: '', fallback }
}
