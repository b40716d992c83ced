/**
 * Run by run.mjs: renders templates with ours and with Debian's python3-jinja2 in turn, both compiled and warm, the
 * same data, and prints a Markdown table: milliseconds, and how many times faster. Each time is the least of many runs: machines are shared.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { isDict, type Value } from '../../../shared/data/value.ts'
import { forgetJinjaTemplates } from '../../../shared/render/jinja/compile.ts'
import { renderJinja } from '../../../shared/render/jinja/template.ts'
import { loadYaml } from '../../../shared/render/yaml.ts'
import { long, type Shape, shapes } from './shapes.ts'

const seconds = Number(process.env['SECONDS_EACH'] ?? '0.5')
const rounds = 3
const [reference = '', only] = process.argv.slice(2)

interface Answer {
  readonly ms: number
  readonly text: string
}

class Python {
  readonly process: ChildProcessWithoutNullStreams
  private readonly lines: AsyncIterator<string>

  constructor() {
    this.process = spawn('/usr/bin/python3', [reference])
    this.process.stderr.pipe(process.stderr)
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]()
  }

  async ask(shape: Shape, cold: boolean): Promise<Answer> {
    this.process.stdin.write(`${JSON.stringify({ ...shape, cold, seconds })}\n`)
    const line = await this.lines.next()
    return JSON.parse(String(line.value)) as Answer
  }
}

async function ours(shape: Shape, mapped: boolean, cold: boolean): Promise<Answer> {
  const data = loadYaml(JSON.stringify(shape.data), 'data')
  const variables: Record<string, Value> = {}
  if (isDict(data)) for (const [key, value] of data) variables[String(key)] = value
  const partial = async (name: string) => {
    const text = shape.files?.[name]
    return text === undefined ? undefined : { text, file: name }
  }
  const render = async (): Promise<string> => {
    if (cold) forgetJinjaTemplates(0)
    return (await renderJinja({ text: shape.template, file: 'main.sls', variables, partial, mapped })).text
  }
  let least = Number.POSITIVE_INFINITY
  for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
    const from = performance.now()
    await render()
    least = Math.min(least, performance.now() - from)
  }
  return { ms: least, text: await render() }
}

/** Without the newline at the end that Salt, and so we, keep. */
const same = (a: string, b: string): boolean => a.trimEnd() === b.trimEnd()

async function measure(python: Python, shape: Shape, cold: boolean): Promise<number[]> {
  const least = [Infinity, Infinity, Infinity]
  for (let round = 0; round < rounds; round++) {
    const theirs = await python.ask(shape, cold)
    const withPlaces = await ours(shape, true, cold)
    const textOnly = await ours(shape, false, cold)
    if (!same(theirs.text, withPlaces.text))
      throw new Error(`${shape.name}: the texts differ\n${theirs.text}\n${withPlaces.text}`)
    for (const [index, { ms }] of [theirs, withPlaces, textOnly].entries())
      least[index] = Math.min(least[index] ?? Infinity, ms)
  }
  return least
}

function show(name: string, [theirs = 0, withPlaces = 0, textOnly = 0]: readonly number[]): void {
  const times = (value: number): string => `${(theirs / value).toFixed(1)}×`
  process.stdout.write(
    `| ${name} | ${theirs.toFixed(3)} | ${withPlaces.toFixed(3)} | ${textOnly.toFixed(3)} | ${times(withPlaces)} | ${times(textOnly)} |\n`,
  )
}

async function main(): Promise<void> {
  const python = new Python()
  process.stdout.write(
    '| template | Jinja2 ms | ours, with places | ours, text only | times faster | text only |\n|---|---|---|---|---|---|\n',
  )
  const factors: [number, number][] = []
  for (const shape of shapes.filter(({ name }) => only === undefined || name.includes(only))) {
    const [theirs = 0, withPlaces = 1, textOnly = 1] = await measure(python, shape, false)
    factors.push([theirs / withPlaces, theirs / textOnly])
    show(shape.name, [theirs, withPlaces, textOnly])
  }
  const mean = (index: 0 | 1): string =>
    Math.exp(factors.reduce((sum, pair) => sum + Math.log(pair[index]), 0) / factors.length).toFixed(1)
  process.stdout.write(`| geometric mean | | | | ${mean(0)}× | ${mean(1)}× |\n`)
  show(long.name, await measure(python, long, true))
  python.process.stdin.end()
}

void main()
