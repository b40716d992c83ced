/** Random data to be dumped, as judge.py builds it and as ours does, with the options of both. */
import fc from 'fast-check'
import {
  dictSet,
  PyBytes,
  PyFloat,
  PyTuple,
  type RuntimeDict,
  type RuntimeValue,
  Undefined,
} from '../../../../../shared/render/jinja/values.ts'
import type { ScalarStyle, WriterOptions } from '../../../../../shared/render/yaml-writer/nodes.ts'
import { writerDefaults } from '../../../../../shared/render/yaml-writer/nodes.ts'

/** What judge.py's `build` reads. */
export type Form = readonly [kind: string, ...rest: unknown[]]

const words =
  'yes no on off true False null ~ NULL y N 0644 1e3 1.0e+3 12:30 0x1F 0b1 1_000 .5 +1 -0 .inf .nan 2024-01-01 = << <'.split(
    ' ',
  )
const oddities = [
  '',
  ' ',
  ' lead',
  'trail ',
  'a: b',
  'a:',
  '#c',
  'a #b',
  '- x',
  '-',
  '--- a',
  '...',
  '? q',
  '?q',
  ':x',
  '{a}',
  '[b]',
  '%x',
  '@x',
  '`x`',
  '!t',
  '*a',
  '&a',
  "it's",
  '"q"',
  '\\',
  'a, b',
  'x\ty',
  '\r\n',
  '\u0007',
  'é',
  '\u0085',
  '\u2028',
  '\u2029',
  '\u00a0',
  '\ufeff',
  '😀',
  '\ufffe',
  '\u007f',
  'a\n',
  '\nb',
  'c\n\nd\n',
  'e \nf',
  'g\n h',
  '{{ x }}',
  '/etc/a.conf',
  '1 2',
  '2024-01-01 10:00:00',
]
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...oddities) },
  { weight: 2, arbitrary: fc.constantFrom(...words) },
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z]{1,9}$/) },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
)
const joint = fc.constantFrom(' ', '', '  ', '\n', ' ', '\n\n', "'", ', ')
export const texts: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: piece },
  {
    weight: 3,
    arbitrary: fc.array(fc.tuple(piece, joint), { minLength: 2, maxLength: 5 }).map(joined),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.tuple(piece, fc.constantFrom(' ', ' ', '  ')), { minLength: 12, maxLength: 40 })
      .map(joined),
  },
)

function joined(parts: readonly (readonly [string, string])[]): string {
  return parts
    .map(([text, between]) => text + between)
    .join('')
    .slice(0, -1)
}

const floats = fc.oneof(
  fc.double(),
  fc.constantFrom(
    1,
    0,
    -0,
    1e20,
    1e16,
    1e15,
    1.5e-7,
    0.0001,
    0.1,
    123456789.125,
    1e300,
    Infinity,
    -Infinity,
    NaN,
  ),
)
const pythonNumber = (value: number): string =>
  Object.is(value, -0) ? '-0.0' : String(value).replace('Infinity', 'inf').replace('NaN', 'nan')

export const scalarForms: fc.Arbitrary<Form> = fc.oneof(
  { weight: 6, arbitrary: texts.map((text): Form => ['s', text]) },
  { weight: 1, arbitrary: fc.constant<Form>(['n']) },
  { weight: 1, arbitrary: fc.boolean().map((value): Form => ['b', value]) },
  { weight: 1, arbitrary: fc.oneof(fc.integer(), fc.bigInt()).map((value): Form => ['i', String(value)]) },
  { weight: 1, arbitrary: floats.map((value): Form => ['f', pythonNumber(value)]) },
)
/** Without whole floats, which a dict of ours holds as the int that they equal. */
const keyForms = scalarForms.filter(([kind, text]) => kind !== 'f' || Number(text) % 1 !== 0)
const byteForms: fc.Arbitrary<Form> = fc
  .uint8Array({ maxLength: 90 })
  .map((bytes): Form => ['y', Buffer.from(bytes).toString('hex')])

const { form } = fc.letrec<{ form: Form }>((tie) => ({
  form: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 5, arbitrary: scalarForms },
    { weight: 3, arbitrary: fc.array(tie('form'), { maxLength: 5 }).map((items): Form => ['l', items]) },
    {
      weight: 4,
      arbitrary: fc
        .array(
          fc.tuple(
            fc.oneof({ weight: 5, arbitrary: texts.map((text): Form => ['s', text]) }, keyForms),
            tie('form'),
          ),
          {
            maxLength: 5,
          },
        )
        .map((pairs): Form => ['d', pairs]),
    },
    { weight: 1, arbitrary: fc.nat(5).map((at): Form => ['r', at]) },
  ),
}))
export const plainForms = form

export const anyForms: fc.Arbitrary<Form> = fc.oneof(
  { weight: 8, arbitrary: form },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.oneof(form, byteForms, fc.constant<Form>(['u'])), { maxLength: 4 })
      .map((items): Form => ['l', items]),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(
        fc.tuple(
          keyForms,
          fc.oneof(
            byteForms,
            fc.array(form, { maxLength: 3 }).map((items): Form => ['t', items]),
          ),
        ),
        { maxLength: 3 },
      )
      .map((pairs): Form => ['d', pairs]),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(
        fc.tuple(
          fc.array(scalarForms, { maxLength: 3 }).map((items): Form => ['t', items]),
          form,
        ),
        { maxLength: 3 },
      )
      .map((pairs): Form => ['d', pairs]),
  },
)

/** As judge.py's `build`. */
export function build(of: Form, shared: RuntimeValue[] = []): RuntimeValue {
  const [kind, rest] = of
  const items = () => (rest as Form[]).map((item) => build(item, shared))
  switch (kind) {
    case 'n':
      return null
    case 'b':
      return rest === true
    case 'i': {
      const value = BigInt(rest as string)
      return Number.isSafeInteger(Number(value)) ? Number(value) : value
    }
    case 'f': {
      const value = Number((rest as string).replace('inf', 'Infinity'))
      return Number.isInteger(value) ? new PyFloat(value) : value
    }
    case 's':
      return rest as string
    case 'y':
      return new PyBytes(Buffer.from(rest as string, 'hex'))
    case 'u':
      return new Undefined('nothing', true)
    case 'r':
      return shared.length === 0 ? null : (shared[(rest as number) % shared.length] ?? null)
    case 't':
      return new PyTuple(items())
    case 'l': {
      const list = items()
      shared.push(list)
      return list
    }
    default: {
      const dict: RuntimeDict = new Map()
      for (const [key, item] of rest as [Form, Form][]) {
        const name = build(key, shared)
        dictSet(dict, name, build(item, shared))
      }
      shared.push(dict)
      return dict
    }
  }
}

/** PyYAML's names and values. */
export interface PythonOptions {
  readonly default_flow_style: boolean | null
  readonly allow_unicode: boolean
  readonly sort_keys: boolean
  readonly indent?: number
  readonly width?: number
  readonly default_style?: string
  readonly explicit_start?: boolean
}

export const options: fc.Arbitrary<PythonOptions> = fc.record(
  {
    default_flow_style: fc.constantFrom(null, true, false),
    allow_unicode: fc.constantFrom(true, true, true, false),
    sort_keys: fc.boolean(),
    indent: fc.constantFrom(2, 2, 4, 3),
    width: fc.constantFrom(80, 80, 40, 200),
    default_style: fc.constantFrom('"', "'", '|', '>'),
    explicit_start: fc.boolean(),
  },
  { requiredKeys: ['default_flow_style', 'allow_unicode', 'sort_keys'] },
)

const styles: Readonly<Record<string, ScalarStyle>> = {
  '"': 'double',
  "'": 'single',
  '|': 'literal',
  '>': 'folded',
}

export function ourOptions(of: PythonOptions): WriterOptions {
  return {
    ...writerDefaults,
    flowStyle: of.default_flow_style ?? undefined,
    allowUnicode: of.allow_unicode,
    sortKeys: of.sort_keys,
    indent: of.indent ?? 2,
    width: of.width ?? 80,
    style: of.default_style === undefined ? undefined : styles[of.default_style],
    explicitStart: of.explicit_start ?? false,
  }
}
