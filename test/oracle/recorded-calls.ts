/** A machine that answers as Salt's did while it rendered one SLS. */
import { type Dict, isDict, isList } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { RenderHost } from '../../shared/render/host.ts'
import type { ImpureCall } from './answers.ts'
import { sameValue } from './compare-low.ts'

export function recordedHost(calls: readonly ImpureCall[]): RenderHost {
  const names = [...new Set(calls.map(({ fun }) => fun))]
  return {
    functions: {
      has: (name) => names.includes(name),
      names: () => names,
      call: async (name, args, keywords) => {
        const given: Dict = new Map(keywords)
        const found = calls.find(
          (one) =>
            one.fun === name &&
            isList(one.args) &&
            isDict(one.keywords) &&
            sameValue([...args], one.args) &&
            sameValue(given, one.keywords),
        )
        if (found !== undefined) return found.answer
        throw new TsaltError('jinja-raised', { reason: `Salt did not call ${name} with these arguments` })
      },
    },
  }
}
