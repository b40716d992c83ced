/** A grant made ready for being asked: globs and expressions compiled, once. */
import { compileRegex } from '../../shared/render/jinja/salt/regex/python-regex.ts'
import { compileGlob } from '../../shared/targeting/glob.ts'
import type { Call } from './access.ts'
import type { Grant } from './grant.ts'
import { type Ground, plainFunction, plainOf, textsOf } from './nature/nature.ts'

type Test = (text: string) => boolean

export interface CompiledGrant {
  readonly names: Test
  /** undefined: any arguments. @returns what is wrong with those of a call, or undefined */
  readonly arguments: ((ground: Ground, call: Call) => string | undefined) | undefined
}

const compiled = new WeakMap<Grant, CompiledGrant>()

export function compileGrant(grant: Grant): CompiledGrant {
  let ready = compiled.get(grant)
  if (ready === undefined) {
    const tests = [...grant.functions.map(compileGlob), ...(grant.expressions ?? []).map(wholeText)]
    ready = { names: (name) => tests.some((test) => test(name)), arguments: argumentTest(grant) }
    compiled.set(grant, ready)
  }
  return ready
}

/** @throws RegexSyntaxError. The test answers no where it takes too long. */
export function wholeText(expression: string): Test {
  // Alone first: "a)|(b" is no expression, whatever stands around it.
  compileRegex(expression)
  const regex = compileRegex(`(?:${expression})\\Z`)
  return (text) => {
    try {
      return regex.match(text) !== undefined
    } catch {
      return false
    }
  }
}

function argumentTest({ args, kwargs }: Grant): CompiledGrant['arguments'] {
  if (args === undefined && kwargs === undefined) return undefined
  const byPosition = (args ?? []).map(wholeText)
  const byName = new Map(Object.entries(kwargs ?? {}).map(([name, text]) => [name, wholeText(text)]))
  return (ground, call) => {
    const plain = plainFunction(ground, call.fun)
    const matches = (name: string | undefined, test: Test, value: Call['args'][number]): boolean => {
      if (name !== undefined && plain?.shapes.get(name) === 'names') {
        const names = textsOf(value)
        // Without a name it is another call: an empty list of SLS is the highstate.
        return names.length > 0 && names.every(test)
      }
      return test(textOf(plainOf(value)))
    }
    for (const [index, test] of byPosition.entries()) {
      const value = call.args[index]
      if (value === undefined || index >= call.args.length) return `argument ${index + 1} is missing`
      if (!matches(plain?.positional[index], test, value))
        return `argument ${index + 1} does not match "${args?.[index] ?? ''}"`
    }
    if (call.args.length > byPosition.length) return `argument ${byPosition.length + 1} is not foreseen`
    for (const [name, value] of Object.entries(call.kwargs)) {
      const test = byName.get(name)
      if (test === undefined) {
        if (name === 'test' && value === true) continue
        return `the argument "${name.slice(0, 60)}" is not foreseen`
      }
      if (!matches(name, test, value)) return `"${name}" does not match "${kwargs?.[name] ?? ''}"`
    }
    return undefined
  }
}

/** As it is typed; of lists and mappings their JSON. */
const textOf = (plain: unknown): string => {
  if (typeof plain === 'string') return plain
  if (typeof plain === 'boolean') return plain ? 'True' : 'False'
  return JSON.stringify(plain) ?? 'null'
}
