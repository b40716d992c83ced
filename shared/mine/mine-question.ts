/** What `mine.get` is asked with and what it answers, in Salt's shapes: the same on minions, in pillars, for operators. */
import { decodeValue, type Json } from '../data/codec.ts'
import { nearest } from '../data/nearest.ts'
import { type Dict, isList, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import type { MineData, MineGet } from '../protocol/messages/mine-get.ts'
import { type TargetKind, targetKinds } from '../targeting/target.ts'

export interface MineQuestion {
  readonly wanted: MineGet
  /** Several functions: the answer is by function, then by minion. */
  readonly nested: boolean
}

export interface MineWords {
  readonly tgt: Value
  /** One function, several with commas between them, or a list of them. */
  readonly fun: Value
  readonly tgt_type: Value
}

/** @throws TsaltError `function-failed` */
export function mineQuestion({ tgt, fun, tgt_type }: MineWords): MineQuestion {
  const names = [...new Set((isList(fun) ? fun : String(fun).split(',')).map((name) => String(name).trim()))]
  const asked = names.filter((name) => name !== '')
  if (asked.length === 0) throw failed('no function is named')
  const kind = kindOf(tgt_type)
  const expression = isList(tgt) ? tgt.map(String).join(',') : String(tgt)
  const target = { kind: isList(tgt) && kind === 'glob' ? 'list' : kind, expression }
  return { wanted: { target, names: asked }, nested: isList(fun) || asked.length > 1 }
}

/** @throws TsaltError `function-failed` */
export function kindOf(type: Value): TargetKind {
  const found = targetKinds.find((kind) => kind === type)
  if (found !== undefined) return found
  const near = nearest(String(type), targetKinds)
  const hint = near === undefined ? `There are: ${targetKinds.join(', ')}.` : `Did you mean "${near}"?`
  throw new TsaltError(
    'function-failed',
    { fun: 'mine.get', reason: `there is no kind of target "${String(type)}"` },
    { hint },
  )
}

export function mineAnswer({ found }: Pick<MineData, 'found'>, nested: boolean): Dict {
  const byName = found.map(({ name, of }) => [name, new Map(of.map(decoded))] as const)
  if (!nested) return byName[0]?.[1] ?? new Map()
  return new Map(byName.filter(([, of]) => of.size > 0))
}

const decoded = ([id, value]: readonly [string, Json]): [string, Value] => [id, decodeValue(value)]

const failed = (reason: string): TsaltError => new TsaltError('function-failed', { fun: 'mine.get', reason })
