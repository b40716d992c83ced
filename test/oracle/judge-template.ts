/** A managed file's template rendered with its context, beside what Salt made of it. */
import { makeSources } from '../../minion/files/sources.ts'
import { findState } from '../../minion/states/catalog.ts'
import { isDict, type Value } from '../../shared/data/value.ts'
import { describeError, isTsaltError } from '../../shared/errors/error.ts'
import type { HostFunctions } from '../../shared/render/host.ts'
import { markAllOrdered } from '../../shared/render/ordered.ts'
import { globalArguments, listRequisites } from '../../shared/sls/keywords.ts'
import type { TemplateAnswer } from './answers.ts'
import type { Minion } from './judge.ts'

export type TemplateVerdict =
  | { readonly kind: 'equal' | 'refused-alike' | 'missing' }
  /** Of the machine, or of Python that the tree brings. */
  | { readonly kind: 'asks'; readonly what: string }
  | { readonly kind: 'different'; readonly difference: string }

export async function judgeTemplate(minion: Minion, answer: TemplateAnswer): Promise<TemplateVerdict> {
  const { answers, tree, opts, host } = minion
  if (answer.errorKind === 'python') return { kind: 'asks', what: 'python' }
  // Inline contents: they are text of the SLS, and compared as such.
  if (answer.source === '') return { kind: 'asks', what: 'contents' }
  const asked = new Set<string>()
  const asking = host.functions === undefined ? host : { ...host, functions: noting(host.functions, asked) }
  const sources = makeSources({
    files: tree,
    grains: answers.grains,
    pillar: answers.pillar,
    opts,
    host: asking,
  })
  const path = answer.source.replace(/^salt:\/\//, '').replace(/\?.*$/, '')
  const file = await tree.read('base', path)
  if (file === undefined) return { kind: answer.errorKind === undefined ? 'missing' : 'refused-alike' }
  const source = { text: file.text, name: answer.source, environment: 'base', sls: answer.sls }
  try {
    markAllOrdered(answer.defaults)
    markAllOrdered(answer.context)
    const context = { ...given(minion, answer), ...plain(answer.defaults), ...plain(answer.context) }
    const output = await sources.render(answer.engine, source, context)
    if (answer.output === output) return { kind: 'equal' }
    // The bare machine has other answers than Salt's had.
    if (asked.size > 0) return { kind: 'asks', what: [...asked].join(', ') }
    if (answer.output === undefined)
      return { kind: 'different', difference: `Salt refuses it: ${answer.errorKind}` }
    return { kind: 'different', difference: firstLine(output, answer.output) }
  } catch (error) {
    if (!isTsaltError(error)) throw error
    if (answer.errorKind !== undefined) return { kind: 'refused-alike' }
    const unknown = /no execution function "([^"]+)"|'salt object' has no attribute '([^']+)'/.exec(
      error.message,
    )
    if (unknown !== null) return { kind: 'asks', what: unknown[1] ?? unknown[2] ?? '' }
    if (asked.size > 0) return { kind: 'asks', what: [...asked].join(', ') }
    return { kind: 'different', difference: `refused by us: ${describeError(error)}` }
  }
}

function noting(functions: HostFunctions, asked: Set<string>): HostFunctions {
  return {
    ...functions,
    call: (name, ...rest) => {
      asked.add(name)
      return functions.call(name, ...rest)
    },
  }
}

const passed = ['user', 'group', 'mode', 'attrs']

/** Arguments of file.managed, and what every state has. */
const notHanded: ReadonlySet<string> = new Set([
  ...Object.keys(findState('file', 'managed')?.args.entries ?? {}),
  ...listRequisites,
  ...globalArguments,
  'state',
  'fun',
  'order',
])

/** What file.managed hands to a template of its own arguments. */
function given({ answers }: Minion, { id, sls, name }: TemplateAnswer): Record<string, Value> {
  for (const { low } of answers.sls.values()) {
    const chunk = low.find(
      (one) => one.get('__id__') === id && one.get('name') === name && one.get('__sls__') === sls,
    )
    if (chunk === undefined) continue
    // Salt hands on whatever the function has no argument for: a context that is indented too little works there.
    const more = [...chunk].filter(([key]) => !notHanded.has(String(key)) && !String(key).startsWith('__'))
    return {
      name,
      ...Object.fromEntries(passed.map((key) => [key, chunk.get(key) ?? null])),
      ...Object.fromEntries(more),
    }
  }
  return { name }
}

function plain(value: Value): Record<string, Value> {
  const object: Record<string, Value> = Object.create(null)
  if (isDict(value)) for (const [key, item] of value) object[String(key)] = item
  return object
}

function firstLine(ours: string, theirs: string): string {
  const [mine, salts] = [ours.split('\n'), theirs.split('\n')]
  const at = mine.findIndex((line, index) => line !== salts[index])
  const line = at === -1 ? mine.length : at
  return `line ${line + 1}: ours ${JSON.stringify(mine[line] ?? null)}, Salt's ${JSON.stringify(salts[line] ?? null)}`
}
