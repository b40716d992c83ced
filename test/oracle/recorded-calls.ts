/** A machine that answers as Salt's did while it rendered one SLS, and as another one what Salt was not asked. */
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { HostFunctions, HostKeywords, RenderHost } from '../../shared/render/host.ts'
import type { ImpureCall } from './answers.ts'
import { sameValue } from './compare-low.ts'

export function recordedHost(calls: readonly ImpureCall[], others: RenderHost): RenderHost {
  const names = new Set(calls.map(({ fun }) => fun))
  const other = others.functions
  const functions: HostFunctions = {
    has: (name) => names.has(name) || other?.has(name) === true,
    names: () => [...names, ...(other?.names() ?? [])],
    now: (name, args, keywords) => (names.has(name) ? undefined : other?.now?.(name, args, keywords)),
    call: async (name, args, keywords, at) => {
      const found = calls.find((one) => one.fun === name && isSame(one, args, keywords))
      if (found !== undefined) return found.answer
      if (!names.has(name) && other?.has(name)) return other.call(name, args, keywords, at)
      throw new TsaltError('jinja-raised', { reason: `Salt did not call ${name} with these arguments` })
    },
  }
  return { ...others, functions }
}

function isSame(call: ImpureCall, args: readonly Value[], keywords: HostKeywords): boolean {
  const given: Dict = new Map(keywords)
  return (
    isList(call.args) &&
    isDict(call.keywords) &&
    sameValue([...args], call.args) &&
    sameValue(given, call.keywords)
  )
}
