/**
 * What templates of orchestrations may ask beside the functions of the master that `pillar_functions` permits: runners
 * that change nothing, in the name of whoever started the orchestration. A rendering makes nothing unasked.
 */
import { type Dict, isDict } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { OwnCalls } from '../../shared/pillar-machine/master-functions.ts'
import type { RunnerResult } from './contract.ts'
import { onlyLooks } from './looking.ts'
import { listOf, type WrittenCall } from './runner-words.ts'

const words: ReadonlySet<string> = new Set(['name', 'arg', 'kwarg', 'full_return', 'saltenv'])

export function templateCalls(callRunner: (call: WrittenCall) => Promise<RunnerResult>): OwnCalls {
  return {
    'saltutil.runner': async (args, keywords) => {
      const fun = String(args[0] ?? keywords.get('name') ?? '')
      if (!onlyLooks(fun)) throw new TsaltError('orchestration-template-runner', { fun })
      const kwargs: Dict = new Map([...keywords].filter(([key]) => !words.has(key)))
      const more = keywords.get('kwarg') ?? args[2]
      if (isDict(more)) for (const [key, value] of more) kwargs.set(key, value)
      const { ret } = await callRunner({ fun, args: listOf(keywords.get('arg') ?? args[1]), kwargs })
      return ret
    },
  }
}
