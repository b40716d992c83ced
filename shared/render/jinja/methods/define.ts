/** Methods with Python's rules for arguments. */
import {
  bindTo,
  type CallContext,
  type Parameter,
  PyError,
  type RuntimeDict,
  type RuntimeValue,
  type Signature,
  signatureOf,
} from '../values.ts'
import type { DirectMethod, Method } from './methods.ts'

type Handler = (context: CallContext, self: RuntimeValue, ...values: RuntimeValue[]) => RuntimeValue

/** All other methods of Python's own types take their arguments by place alone. */
const takesKeywords: ReadonlySet<string> = new Set([
  'split',
  'rsplit',
  'splitlines',
  'expandtabs',
  'encode',
  'decode',
  'sort',
  'to_bytes',
])

export function method(name: string, parameters: readonly Parameter[], handler: Handler): [string, Method] {
  const signature = signatureOf(name, parameters, () => null)
  const run = (
    context: CallContext,
    self: RuntimeValue,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue>,
  ): RuntimeValue => {
    if (kwargs.size > 0 && !signature.keywords && !takesKeywords.has(name))
      throw new PyError('TypeError', `${name}() takes no keyword arguments`)
    return handler(context, self, ...bindTo(signature, args, kwargs))
  }
  return [name, Object.assign(run, { byCount: directCalls(signature, handler) })]
}

/** Read only by who takes keywords. */
const noKeywords: RuntimeDict = new Map()

/** One function for each number of arguments that it can be called with. */
function directCalls(signature: Signature, handler: Handler): readonly (DirectMethod | undefined)[] {
  if (signature.rest) return []
  return [...signature.names, ''].map((_, given) => {
    const missing: RuntimeValue[] = []
    for (const value of signature.defaults.slice(given)) {
      if (value === undefined) return undefined
      missing.push(value)
    }
    // With as many arguments as it has parameters, it is the function itself.
    if (signature.keywords) missing.push(noKeywords)
    return missing.length === 0 ? (handler as DirectMethod) : filledUp(handler, given, missing)
  })
}

function filledUp(handler: Handler, given: number, missing: readonly RuntimeValue[]): DirectMethod {
  const [first = null, second] = missing
  if (given === 0 && missing.length === 1) return (context, self) => handler(context, self, first)
  if (given === 0) return (context, self) => handler(context, self, ...missing)
  if (given === 1 && second === undefined)
    return (context, self, a = null) => handler(context, self, a, first)
  if (given === 1) return (context, self, a = null) => handler(context, self, a, ...missing)
  return (context, self, a = null, b = null) => handler(context, self, a, b, ...missing)
}
