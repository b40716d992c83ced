/**
 * What templates of pillars may ask the mine: what the minion may read whose pillar it is. Also as Salt's trees have it
 * in pillars, `salt['saltutil.runner']('mine.get', tgt=…, fun=…)`.
 */
import { isDict, isList, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { type MineWords, mineAnswer, mineQuestion } from '../../shared/mine/mine-question.ts'
import type { OwnCalls } from '../../shared/pillar-machine/master-functions.ts'
import type { MineData, MineGet } from '../../shared/protocol/messages/mine-get.ts'
import type { HostKeywords } from '../../shared/render/host.ts'
import type { AcceptedMinion } from '../targeting/resolve.ts'

export type AskMine = (asker: AcceptedMinion, wanted: MineGet) => Promise<MineData>

export function pillarMine(asker: AcceptedMinion, ask: AskMine): OwnCalls {
  const get = async (args: readonly Value[], keywords: HostKeywords): Promise<Value> => {
    const { wanted, nested } = mineQuestion(wordsOf(args, keywords))
    const { found } = await ask(asker, wanted)
    const leaveOut = (args[3] ?? keywords.get('exclude_minion')) === true
    const others = found.map(({ name, of }) => ({
      name,
      of: leaveOut ? of.filter(([id]) => id !== asker.id) : of,
    }))
    return mineAnswer({ found: others }, nested)
  }
  return {
    'mine.get': get,
    'saltutil.runner': async ([name, ...args], keywords) => {
      const runner = name ?? keywords.get('name') ?? null
      if (runner !== 'mine.get') throw new TsaltError('pillar-runner-refused', { runner: String(runner) })
      const listed = keywords.get('arg') ?? null
      const named = keywords.get('kwarg') ?? null
      return get(
        [...args, ...(isList(listed) ? listed : [])],
        new Map([...keywords, ...(isDict(named) ? ([...named] as [string, Value][]) : [])]),
      )
    },
  }
}

function wordsOf(args: readonly Value[], keywords: HostKeywords): MineWords {
  const word = (index: number, name: string): Value | undefined => args[index] ?? keywords.get(name)
  const needed = (index: number, name: string): Value => {
    const value = word(index, name)
    if (value !== undefined) return value
    throw new TsaltError('function-argument-missing', { fun: 'mine.get', argument: name })
  }
  return { tgt: needed(0, 'tgt'), fun: needed(1, 'fun'), tgt_type: word(2, 'tgt_type') ?? 'glob' }
}
