/** Calls of templates: a macro that takes plain arguments, and not fewer of them, is called as the function that it is. */
import { getAttribute } from './attributes.ts'
import { methodOf } from './methods/methods.ts'
import { Macro, TemplateModule } from './objects.ts'
import type { Runtime } from './runtime.ts'
import { PyRange, PyTuple, type RuntimeValue } from './values.ts'

export function call0(runtime: Runtime, callee: RuntimeValue): RuntimeValue {
  if (callee instanceof Macro && callee.direct !== undefined) return callee.direct()
  return runtime.call(callee, [])
}

export function call1(runtime: Runtime, callee: RuntimeValue, a: RuntimeValue): RuntimeValue {
  if (callee instanceof Macro && callee.direct !== undefined && callee.parameters.length >= 1)
    return callee.direct(a)
  return runtime.call(callee, [a])
}

export function call2(
  runtime: Runtime,
  callee: RuntimeValue,
  a: RuntimeValue,
  b: RuntimeValue,
): RuntimeValue {
  if (callee instanceof Macro && callee.direct !== undefined && callee.parameters.length >= 2)
    return callee.direct(a, b)
  return runtime.call(callee, [a, b])
}

export function callMany(
  runtime: Runtime,
  callee: RuntimeValue,
  args: readonly RuntimeValue[],
): RuntimeValue {
  if (callee instanceof Macro && callee.direct !== undefined && callee.parameters.length >= args.length)
    return callee.direct(...args)
  return runtime.call(callee, args)
}

/** @param names of the last arguments */
export function callNamed(
  runtime: Runtime,
  callee: RuntimeValue,
  args: readonly RuntimeValue[],
  names: readonly string[],
): RuntimeValue {
  const positional = args.length - names.length
  if (callee instanceof Macro && callee.direct !== undefined) {
    const bound = placed(callee.parameters, args, names, positional)
    if (bound !== undefined) return callee.direct(...bound)
  }
  const kwargs = new Map<string, RuntimeValue>()
  names.forEach((name, index) => {
    kwargs.set(name, args[positional + index] ?? null)
  })
  return runtime.call(callee, args.slice(0, positional), kwargs)
}

/** Arguments in the order of parameters; undefined: they do not fit, which is told by the long way. */
function placed(
  parameters: readonly string[],
  args: readonly RuntimeValue[],
  names: readonly string[],
  positional: number,
): (RuntimeValue | undefined)[] | undefined {
  if (positional > parameters.length) return undefined
  const bound: (RuntimeValue | undefined)[] = args.slice(0, positional)
  while (bound.length < parameters.length) bound.push(undefined)
  for (let index = 0; index < names.length; index++) {
    const at = parameters.indexOf(names[index] ?? '')
    if (at < positional) return undefined
    bound[at] = args[positional + index]
  }
  return bound
}

export function method0(runtime: Runtime, object: RuntimeValue, name: string): RuntimeValue {
  const method = methodOf(object, name)
  const direct = method?.byCount?.[0]
  if (direct === undefined) return methodMany(runtime, object, name, [])
  weigh(runtime, object)
  return direct(runtime, object)
}

export function method1(runtime: Runtime, object: RuntimeValue, name: string, a: RuntimeValue): RuntimeValue {
  const method = methodOf(object, name)
  const direct = method?.byCount?.[1]
  if (direct === undefined) {
    if (object instanceof TemplateModule) return call1(runtime, getAttribute(runtime, object, name), a)
    return methodMany(runtime, object, name, [a])
  }
  weigh(runtime, object)
  return direct(runtime, object, a)
}

export function method2(
  runtime: Runtime,
  object: RuntimeValue,
  name: string,
  a: RuntimeValue,
  b: RuntimeValue,
): RuntimeValue {
  const method = methodOf(object, name)
  const direct = method?.byCount?.[2]
  if (direct === undefined) return methodMany(runtime, object, name, [a, b])
  weigh(runtime, object)
  return direct(runtime, object, a, b)
}

export function methodMany(
  runtime: Runtime,
  object: RuntimeValue,
  name: string,
  args: readonly RuntimeValue[],
): RuntimeValue {
  if (object instanceof TemplateModule) return callMany(runtime, getAttribute(runtime, object, name), args)
  weigh(runtime, object)
  return runtime.method(object, name, args, runtime.none)
}

export function methodNamed(
  runtime: Runtime,
  object: RuntimeValue,
  name: string,
  args: readonly RuntimeValue[],
  names: readonly string[],
): RuntimeValue {
  if (object instanceof TemplateModule)
    return callNamed(runtime, getAttribute(runtime, object, name), args, names)
  weigh(runtime, object)
  const positional = args.length - names.length
  const kwargs = new Map<string, RuntimeValue>()
  names.forEach((key, index) => {
    kwargs.set(key, args[positional + index] ?? null)
  })
  return runtime.method(object, name, args.slice(0, positional), kwargs)
}

/** Large values cost more than a step: what is called looks at all of them. */
export function weigh(runtime: Runtime, value: RuntimeValue): RuntimeValue {
  if (typeof value === 'string') {
    if (value.length > 1_000) runtime.spend(value.length >> 6)
  } else if (Array.isArray(value)) {
    if (value.length > 100) runtime.spend(value.length >> 3)
  } else if (value instanceof Map) {
    if (value.size > 100) runtime.spend(value.size >> 3)
  } else if (value instanceof PyTuple || value instanceof PyRange) runtime.spend((value.size() ?? 0) >> 3)
  runtime.step()
  return value
}
