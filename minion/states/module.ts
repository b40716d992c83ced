/** module.run and module.wait: execution functions as states, in the old and in the new way of writing them. */
import * as v from 'valibot'
import { type Dict, isDict, isList, type Plain, type Value } from '../../shared/data/value.ts'
import { isTsaltError } from '../../shared/errors/error.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { anything, mapping } from '../../shared/schema/collections.ts'
import { nonEmptyText, text } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import {
  type Applied,
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateFunction,
  type StateRun,
  stateFunction,
  stateModule,
} from './contract.ts'

const args = v.strictObject({
  name: needed(nonEmptyText, 'The function, written the old way: `service.restart`.'),
  functions: optional(
    mapping,
    'The new way: `mod.fun` with its arguments, a list of them (mappings are by name); written directly under the state. The old way: arguments of the function by name.',
  ),
  m_name: optional(anything, 'The old way: the argument `name` of the function.'),
  m_names: optional(anything, 'The old way: the argument `names`.'),
  m_fun: optional(anything, 'The old way: the argument `fun`.'),
  m_state: optional(anything, 'The old way: the argument `state`.'),
  m_saltenv: optional(anything, 'The old way: the argument `saltenv`.'),
  args: optional(anything, 'The old way: arguments by position.'),
  kwargs: optional(mapping, 'The old way: arguments by name.'),
  returner: optional(text, 'Accepted for trees of Salt; what a function answers is in the changes.'),
})
type Arguments = v.InferOutput<typeof args>

interface Call {
  readonly fun: string
  readonly args: readonly Value[]
  readonly keywords: Dict
}

const isName = (key: string): boolean => /^[A-Za-z_]\w*\.[A-Za-z_]\w*$/.test(key)
const isNewWay = ({ functions }: Arguments): boolean =>
  functions !== undefined && [...functions.keys()].some((key) => isName(String(key)))

function callsOf(wanted: Arguments): Call[] {
  if (!isNewWay(wanted)) return [oldCall(wanted)]
  return [...(wanted.functions ?? [])]
    .filter(([key]) => isName(String(key)))
    .map(([key, given]) => newCall(String(key), given))
}

function newCall(fun: string, given: Value): Call {
  const keywords: Dict = new Map()
  const positional: Value[] = []
  for (const item of isList(given) ? given : given === null ? [] : [given]) {
    if (isDict(item)) for (const [name, value] of item) keywords.set(name, value)
    else positional.push(item)
  }
  return { fun, args: positional, keywords }
}

function oldCall(wanted: Arguments): Call {
  const keywords: Dict = new Map([...(wanted.functions ?? []), ...(wanted.kwargs ?? [])])
  for (const key of ['m_name', 'm_names', 'm_fun', 'm_state', 'm_saltenv'] as const) {
    const value = wanted[key]
    if (value !== undefined) keywords.set(key.slice(2), value)
  }
  const { args: given } = wanted
  return { fun: wanted.name, args: given === undefined ? [] : isList(given) ? given : [given], keywords }
}

function refuse(wanted: Arguments): ArgumentRefusal | undefined {
  const strange = isNewWay(wanted)
    ? [...(wanted.functions ?? new Map()).keys()].find((key) => !isName(String(key)))
    : undefined
  if (strange !== undefined)
    return {
      argument: 'functions',
      reason: `"${String(strange)}" stands beside functions; put it under the one that it belongs to`,
    }
  if (!isNewWay(wanted) && !isName(wanted.name))
    return {
      argument: 'name',
      reason: `"${wanted.name}" is not a function such as service.restart, and none stands below`,
    }
  return undefined
}

async function check(wanted: Arguments, _look: Reader, run: StateRun): Promise<Decision> {
  const { functions } = run
  if (!functions) return failed('There are no execution functions here')
  const calls = callsOf(wanted)
  for (const call of calls) functions.check(call.fun, call.args, call.keywords)
  const names = calls.map(({ fun }) => fun).join(', ')
  const isNew = isNewWay(wanted)
  const predicted = Object.fromEntries(isNew ? calls.map(({ fun }) => [fun, null]) : [['ret', null]])
  const comments = {
    would: `Module function ${names} is set to be executed`,
    done: `Module function ${names} executed`,
  }
  return drift(predicted, comments, async (act): Promise<Applied> => {
    const changes: Record<string, Plain> = {}
    const told: string[] = []
    let ok = true
    for (const call of calls) {
      try {
        const { value, retcode } = await functions.call(call.fun, call.args, call.keywords, act)
        changes[isNew ? call.fun : 'ret'] = value
        const worked = retcode === 0 && isSuccess(value)
        told.push(worked ? `Module function ${call.fun} executed` : `Module function ${call.fun} failed`)
        ok &&= worked
      } catch (error) {
        if (!isTsaltError(error)) throw error
        told.push(`${call.fun}: ${error.message}`)
        ok = false
      }
    }
    return { ok, changes, comment: told.join('\n') }
  })
}

/** False, or a mapping that says of itself that it failed. */
function isSuccess(value: Value): boolean {
  if (value === false) return false
  if (!isDict(value)) return true
  const retcode = value.get('retcode')
  const failing = (key: string): boolean => value.get(key) === false
  return !failing('result') && !failing('success') && (typeof retcode !== 'number' || retcode === 0)
}

const run: StateFunction = stateFunction({
  summary:
    'Calls execution functions, at every run where no `onlyif`, `unless` or `onchanges` keeps it from it.',
  args,
  restArguments: 'functions',
  repeats: true,
  examples: [
    'reload-units:\n  module.run:\n    - service.systemctl_reload: []\n',
    'notes:\n  module.run:\n    - test.echo:\n      - hello\n    - test.version: []\n',
    'old-way:\n  module.run:\n    - name: test.echo\n    - text: hello\n',
  ],
  refuse,
  check,
  refresh: check,
})

const wait: StateFunction = stateFunction({
  summary: 'Calls execution functions only when a state that it watches changed.',
  args,
  restArguments: 'functions',
  examples: [
    'again:\n  module.wait:\n    - name: test.echo\n    - text: changed\n    - watch:\n      - file: /etc/app.conf\n\n/etc/app.conf:\n  file.managed:\n    - contents: a=1\n',
  ],
  refuse,
  check: async () => inSync(''),
  refresh: check,
})

export const module = stateModule({
  summary: 'Execution functions as states.',
  functions: { run, wait },
})
