/** Jinja's own functions, and those that Salt adds for every template. */
import { markOrdered } from '../ordered.ts'
import { longestRange } from './limits.ts'
import { lipsum } from './lipsum.ts'
import { pairsOf } from './methods/dict.ts'
import {
  bindParameters,
  type CallContext,
  dictSet,
  isInt,
  Namespace,
  numberOf,
  type Parameter,
  PyCallable,
  PyError,
  PyObject,
  PyRange,
  type RuntimeDict,
  type RuntimeValue,
  str,
  truthy,
  typeName,
  Undefined,
} from './values.ts'

function whole(value: RuntimeValue): number {
  if (value instanceof Undefined) value.fail()
  if (!isInt(value))
    throw new PyError('TypeError', `'${typeName(value)}' object cannot be interpreted as an integer`)
  return numberOf(value) ?? 0
}

function makeRange(args: readonly RuntimeValue[]): RuntimeValue {
  const [a, b, c] = args
  if (a === undefined || args.length > 3)
    throw new PyError('TypeError', `range expected at least 1 argument, got ${args.length}`)
  const step = c === undefined ? 1 : whole(c)
  if (step === 0) throw new PyError('ValueError', 'range() arg 3 must not be zero')
  const range = b === undefined ? new PyRange(0, whole(a), 1) : new PyRange(whole(a), whole(b), step)
  if (range.size() > longestRange)
    throw new PyError(
      'OverflowError',
      `Range too big. The sandbox blocks ranges larger than MAX_RANGE (${longestRange}).`,
    )
  return range
}

function makeDict(args: readonly RuntimeValue[], kwargs: ReadonlyMap<string, RuntimeValue>): RuntimeDict {
  if (args.length > 1) throw new PyError('TypeError', `dict expected at most 1 argument, got ${args.length}`)
  const dict: RuntimeDict = new Map()
  const [from] = args
  if (from !== undefined) for (const [key, value] of pairsOf(from)) dictSet(dict, key, value)
  for (const [key, value] of kwargs) dict.set(key, value)
  return dict
}

function makeNamespace(
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
): RuntimeValue {
  const members = new Map<string, RuntimeValue>()
  for (const [key, value] of makeDict(args, kwargs)) members.set(str(key), value)
  return new Namespace(members)
}

/** `cycler('a', 'b')` */
class Cycler extends PyObject {
  readonly type = 'Cycler'
  private readonly choices: readonly RuntimeValue[]
  private position = 0

  constructor(choices: readonly RuntimeValue[]) {
    super()
    if (choices.length === 0) throw new PyError('RuntimeError', 'at least one item has to be provided')
    this.choices = choices
  }

  override attribute(name: string): RuntimeValue | undefined {
    if (name === 'current') return this.choices[this.position]
    if (name === 'reset') return new PyCallable('reset', () => this.moveTo(0))
    if (name === 'next' || name === '__next__') return new PyCallable('next', () => this.next())
    return undefined
  }

  private moveTo(position: number): null {
    this.position = position
    return null
  }

  private next(): RuntimeValue {
    const current = this.choices[this.position] ?? null
    this.position = (this.position + 1) % this.choices.length
    return current
  }

  override names(): readonly string[] {
    return ['current', 'next', 'reset']
  }
}

/** `joiner(', ')`: nothing at the first call. */
function makeJoiner(separator: RuntimeValue): RuntimeValue {
  let used = false
  return new PyCallable('joiner', () => {
    if (!used) {
      used = true
      return ''
    }
    return separator
  })
}

type Run = (
  context: CallContext,
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
) => RuntimeValue

function named(
  name: string,
  parameters: readonly Parameter[],
  run: (context: CallContext, ...values: RuntimeValue[]) => RuntimeValue,
): [string, Run] {
  return [name, (context, args, kwargs) => run(context, ...bindParameters(name, parameters, args, kwargs))]
}

const functions: readonly (readonly [string, Run])[] = [
  ['range', (_, args) => makeRange(args)],
  ['dict', (_, args, kwargs) => makeDict(args, kwargs)],
  ['odict', (_, args, kwargs) => markOrdered(makeDict(args, kwargs))],
  ['namespace', (_, args, kwargs) => makeNamespace(args, kwargs)],
  ['cycler', (_, args) => new Cycler(args)],
  named('joiner', [['sep', ', ']], (_, separator) => makeJoiner(separator)),
  named(
    'lipsum',
    [
      ['n', 5],
      ['html', true],
      ['min', 20],
      ['max', 100],
    ],
    (context, n, html, min, max) =>
      lipsum(context, { paragraphs: whole(n), html: truthy(html), least: whole(min), most: whole(max) }),
  ),
  named('raise', ['msg'], (_, message) => {
    throw new PyError('RaisedError', str(message))
  }),
]

export const builtinGlobals: ReadonlyMap<string, RuntimeValue> = new Map<string, RuntimeValue>(
  functions.map(([name, run]) => [name, new PyCallable(name, run)]),
)
