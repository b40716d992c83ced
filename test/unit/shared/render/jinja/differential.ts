/** Renders many templates with the real Jinja2 in one process and with ours, and tells where they differ. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { isDict, type Value } from '../../../../../shared/data/value.ts'
import { renderJinja } from '../../../../../shared/render/jinja/template.ts'
import { loadYaml } from '../../../../../shared/render/yaml.ts'
import { templates } from './grammar.ts'

/** The same as in oracle.py. */
const context = `
n: 7
z: 0
neg: -3
f: 2.5
g: 1.0
big: 12345678901234567890
t: true
none_: null
s: hello World
e: ""
u: grüße
m: "a,b,,c d\\ne"
num: "42"
l: [3, 1, 2]
ls: [b, A, c]
x: [1, a, null, 2.5]
el: []
d: {b: 1, a: [1, 2], c: {k: v}}
ed: {}
us: [{n: bob, a: 3, t: true}, {n: al, a: 1, t: false}, {n: Cy, a: 2, t: true}]
`

export const hasPython = spawnSync('/usr/bin/python3', ['-c', 'import jinja2']).status === 0

interface Answer {
  readonly ok?: string
  readonly err?: string
}

export interface Difference {
  readonly template: string
  readonly theirs: Answer
  readonly ours: Answer
}

export function askPython(texts: readonly string[]): Answer[] {
  const { stdout, stderr } = spawnSync('/usr/bin/python3', [join(import.meta.dirname, 'oracle.py')], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Answer[]
}

export async function askOurs(text: string): Promise<Answer> {
  const data = loadYaml(context, 'context')
  const variables: Record<string, Value> = {}
  if (isDict(data)) for (const [key, value] of data) variables[String(key)] = value
  try {
    return { ok: (await renderJinja({ text, file: 'main', variables, variablesAreGlobal: false })).text }
  } catch (error) {
    return { err: error instanceof Error ? error.message : String(error) }
  }
}

function comparable(answer: Answer): string {
  return answer.ok === undefined ? 'an error' : `ok ${answer.ok}`
}

/** Without the final newline that Salt, and so we, put back. */
function withoutRestored(answer: Answer, template: string): Answer {
  return answer.ok !== undefined && template.endsWith('\n') ? { ok: answer.ok.replace(/\n$/, '') } : answer
}

/** Addresses, and what only Python prints so. */
function isBeyond(answer: Answer): boolean {
  return (
    /0x[0-9a-f]{6}|<(?:built-in|generator|class|function|Loop|Macro|bound)|MemoryError|Exceeds the limit|RecursionError|Undefined/.test(
      answer.ok ?? answer.err ?? '',
    ) && !(answer.err ?? '').startsWith('UndefinedError')
  )
}

export async function findDifferences(count: number, seed: number): Promise<Difference[]> {
  const texts = fc.sample(templates, { numRuns: count, seed })
  const theirs = askPython(texts)
  const found: Difference[] = []
  for (const [index, template] of texts.entries()) {
    const answer = theirs[index] ?? {}
    const ours = await askOurs(template)
    if (isBeyond(answer)) continue
    if (comparable(answer) !== comparable(withoutRestored(ours, template)))
      found.push({ template, theirs: answer, ours })
  }
  return found
}
