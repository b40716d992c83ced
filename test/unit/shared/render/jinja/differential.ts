/** Renders many templates with the real Jinja2 in one process and with ours, and tells where they differ. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { isDict, type Value } from '../../../../../shared/data/value.ts'
import { type JinjaSettings, settingsFrom } from '../../../../../shared/render/jinja/settings.ts'
import { renderJinja } from '../../../../../shared/render/jinja/template.ts'
import { loadYaml } from '../../../../../shared/render/yaml.ts'
import { templates } from './grammar.ts'
import { typed } from './grammar-typed.ts'
import { type Case, cases, fileSets } from './grammar-whole.ts'

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
const data = loadYaml(context, 'context')
const variables: Record<string, Value> = {}
// One rendering leaves nothing behind for the next: what templates change in their data is put back.
if (isDict(data)) for (const [key, value] of data) variables[String(key)] = value

export const hasPython = spawnSync('/usr/bin/python3', ['-c', 'import jinja2']).status === 0

interface Answer {
  readonly ok?: string
  readonly err?: string
}

export interface Difference extends Case {
  readonly theirs: Answer
  readonly ours: Answer
}

/** One Python process for all batches. */
export class Oracle {
  private readonly process: ChildProcessWithoutNullStreams
  private readonly lines: AsyncIterator<string>

  constructor() {
    this.process = spawn('/usr/bin/python3', [join(import.meta.dirname, 'oracle.py')])
    this.process.stderr.pipe(process.stderr)
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]()
    this.process.stdin.write(`${JSON.stringify(fileSets)}\n`)
  }

  async ask(all: readonly Case[]): Promise<Answer[]> {
    this.process.stdin.write(`${JSON.stringify(all)}\n`)
    const line = await this.lines.next()
    return JSON.parse(String(line.value)) as Answer[]
  }

  close(): void {
    this.process.stdin.end()
  }
}

/** Options are read once for each combination. */
const settings = new Map<string, JinjaSettings>()

function settingsOf(options: Readonly<Record<string, string | boolean>>): JinjaSettings {
  const key = JSON.stringify(options)
  const known = settings.get(key) ?? settingsFrom(new Map(Object.entries(options)))
  settings.set(key, known)
  return known
}

export async function askOurs({ template, files: set = -1, options = {} }: Case): Promise<Answer> {
  const files = fileSets[set] ?? {}
  try {
    const rendered = await renderJinja({
      text: template,
      file: 'main',
      variables,
      variablesAreGlobal: false,
      settings: settingsOf(options),
      partial: async (name) => (files[name] === undefined ? undefined : { text: files[name], file: name }),
    })
    return { ok: rendered.text }
  } catch (error) {
    return { err: error instanceof Error ? error.message : String(error) }
  }
}

function comparable(answer: Answer): string {
  return answer.ok === undefined ? 'an error' : `ok ${answer.ok}`
}

/** Without the final newline that Salt, and so we, put back. */
function withoutRestored(answer: Answer, { template, options }: Case): Answer {
  const isRestored = template.endsWith('\n') && options?.['keep_trailing_newline'] !== true
  return answer.ok !== undefined && isRestored ? { ok: answer.ok.replace(/\n$/, '') } : answer
}

/** Addresses, also in a text that a filter has changed, and what only Python prints so. */
function isBeyond(answer: Answer): boolean {
  return /at(?: |%20)0x[0-9a-f]{6}|0x7[0-9a-f]{11}|Recursion on|(?:<|%3C)(?:built-in|generator|class|function|Loop|Macro|bound|TemplateRef|Template)|MemoryError|Exceeds the limit|RecursionError/i.test(
    answer.ok ?? answer.err ?? '',
  )
}

/** Most are expressions whose parts fit together; the others have any parts, statements, files, options. */
export function casesOf(count: number, seed: number): Case[] {
  const fitting = fc.sample(typed, { numRuns: Math.ceil(count * 0.6), seed })
  const plain = fc.sample(templates, { numRuns: Math.ceil(count * 0.15), seed })
  const whole = fc.sample(cases, { numRuns: count - fitting.length - plain.length, seed })
  return [...[...fitting, ...plain].map((template) => ({ template })), ...whole]
}

/** Our side; between the parts of a batch the pipe to Python moves on. */
async function askAllOurs(all: readonly Case[]): Promise<Answer[]> {
  const ours: Answer[] = []
  for (const [index, one] of all.entries()) {
    if (index % 20 === 0) await setImmediate()
    ours.push(await askOurs(one))
  }
  return ours
}

function differences(all: readonly Case[], theirs: readonly Answer[], ours: readonly Answer[]): Difference[] {
  return all.flatMap((one, index) => {
    const answer = theirs[index] ?? {}
    const mine = withoutRestored(ours[index] ?? {}, one)
    if (isBeyond(answer) || comparable(answer) === comparable(mine)) return []
    return [{ ...one, theirs: answer, ours: mine }]
  })
}

/** Of cases that are given. */
export async function differencesOf(oracle: Oracle, all: readonly Case[]): Promise<Difference[]> {
  const asked = oracle.ask(all)
  const ours = await askAllOurs(all)
  return differences(all, await asked, ours)
}

const batch = 400

/** Python always has the next batch while this process renders the one before. */
export async function findDifferences(oracle: Oracle, count: number, seed: number): Promise<Difference[]> {
  const found: Difference[] = []
  let before: (() => Promise<Difference[]>) | undefined
  for (let done = 0; done < count; done += batch) {
    const all = casesOf(Math.min(batch, count - done), seed + done)
    const asked = oracle.ask(all)
    if (before !== undefined) found.push(...(await before()))
    before = async () => {
      const ours = await askAllOurs(all)
      return differences(all, await asked, ours)
    }
  }
  if (before !== undefined) found.push(...(await before()))
  return found
}
