/** Which of the typed words is the target and which the function: the target may be left out. */
import modules from '../../docs/schema/modules.json' with { type: 'json' }
import { nearest } from '../../shared/data/nearest.ts'
import { TsaltError } from '../../shared/errors/error.ts'

export interface CommandWords {
  /** undefined: the master's default_target. */
  readonly target: string | undefined
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
  if (!functionShape.test(second)) throw notAFunction(first, second)
  return { target: first, fun: second, rest: words.slice(2) }
}

export function isKnownFunction(word: string): boolean {
  return functionShape.test(word) && knownModules.includes(word.slice(0, word.indexOf('.')))
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

function notAFunction(target: string, fun: string): TsaltError {
  if (fun.includes(',')) {
    const [one = ''] = fun.split(',')
    return new TsaltError(
      'usage-function-invalid',
      { fun },
      {
        hint: `Several functions in one command are not in this version; one at a time: tsalt '${target}' ${one}`,
      },
    )
  }
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
