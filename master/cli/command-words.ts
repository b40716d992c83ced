/** Which of the typed words is the target and which the function: the target may be left out. */
import modules from '../../docs/schema/modules.json' with { type: 'json' }
import { nearest } from '../../shared/data/nearest.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { functionsOf, mostFunctions } from '../../shared/several-functions.ts'

export interface CommandWords {
  /** undefined: the master's default_target. */
  readonly target: string | undefined
  /** Several with commas between them. */
  readonly fun: string
  readonly rest: readonly string[]
}

/**
 * Modules whose functions may be typed without a target. A first word such as `web1.example` must never be taken
 * for a function, nor `state.highstate` for a host, so the shape alone does not decide.
 */
const knownModules: readonly string[] = [...modules, 'log']

/** Functions whose own arguments are names of functions. */
const takesFunctions = /^(?:sys\.\w+|state\.single|mine\.send)$/
const functionShape = /^[a-z_]\w*\.[a-z_]\w*$/i

/**
 * @param targetGiven a flag such as -L says that the first word is a target
 * @throws TsaltError `usage-function-missing`, `usage-target-missing`, `usage-function-invalid`
 */
export function splitWords(words: readonly string[], targetGiven: boolean): CommandWords {
  const [first, second] = words
  if (first === undefined) {
    throw new TsaltError(
      'usage-target-missing',
      {},
      { hint: "For example: tsalt '*' test.ping (tsalt --help has more)" },
    )
  }
  if (!targetGiven && isKnownFunction(first) && !namesHost(first, second)) {
    if (
      second !== undefined &&
      /[*?[]/.test(second) &&
      !second.includes('=') &&
      words.length === 2 &&
      !/^[[{]/.test(second)
    ) {
      if (first.startsWith('state.') || first === 'test.ping') {
        throw new TsaltError(
          'usage-wrong',
          { reason: `"${second}" looks like a target, which comes before the function` },
          { hint: `tsalt '${second}' ${first}` },
        )
      }
    }
    return { target: undefined, fun: first, rest: words.slice(1) }
  }
  if (second === undefined) throw missingFunction(first)
  for (const fun of functionsOf(second)) if (!functionShape.test(fun)) throw notAFunction(first, fun, second)
  if (functionsOf(second).length > mostFunctions)
    throw new TsaltError('usage-wrong', {
      reason: `One command has ${mostFunctions} functions at most, these are ${functionsOf(second).length}`,
    })
  return { target: first, fun: second, rest: words.slice(2) }
}

/** Or several of them. */
export function isKnownFunction(word: string): boolean {
  return functionsOf(word).every(
    (fun) => functionShape.test(fun) && knownModules.includes(fun.slice(0, fun.indexOf('.'))),
  )
}

/** A host may be called `service.example`: it is one where a function follows that it could not take. */
const namesHost = (first: string, second: string | undefined): boolean =>
  second !== undefined && isKnownFunction(second) && !takesFunctions.test(first)

function missingFunction(target: string): TsaltError {
  if (functionShape.test(target)) {
    const [module = '', name = ''] = target.split('.')
    const near = nearest(module, knownModules)
    const hint = near
      ? `Did you mean "${near}.${name}"? If ${target} is a minion: tsalt ${target} test.ping`
      : `If it is a minion: tsalt ${target} test.ping. If it is a function: tsalt '*' ${target}`
    return new TsaltError('usage-function-missing', { target }, { hint })
  }
  return new TsaltError(
    'usage-function-missing',
    { target },
    { hint: `For example: tsalt '${target}' test.ping` },
  )
}

/** @param typed `fun`, or several with commas between them of which it is one */
function notAFunction(target: string, fun: string, typed: string): TsaltError {
  if (fun === '')
    return new TsaltError(
      'usage-function-invalid',
      { fun: typed },
      { hint: `Between two commas stands a function: tsalt '${target}' test.ping,grains.items` },
    )
  const near = nearest(fun, [
    'test.ping',
    'state.apply',
    'state.highstate',
    'cmd.run',
    'grains.items',
    'pillar.items',
  ])
  return new TsaltError(
    'usage-function-invalid',
    { fun },
    {
      hint: near
        ? `Did you mean "${near}"?`
        : `It has the form module.function, as in: tsalt '${target}' test.ping. A target with * must be quoted.`,
    },
  )
}
