/** The mine as functions of a minion use it: over the connection to the master, without this minion's secrets. */
import type { Json } from '../../shared/data/codec.ts'
import { describeError, isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import type { MineData, MineGet } from '../../shared/protocol/messages/mine-get.ts'
import type { MinePut, MineStored } from '../../shared/protocol/messages/mine-put.ts'
import type { MasterPort } from '../services/master-port.ts'

export interface MineAccess {
  /**
   * @returns what is not in the mine now, and why: refused by the master, or holding a secret
   * @throws TsaltError `request-refused`, `not-connected`, …
   */
  put(change: MinePut): Promise<MineStored>
  /** @throws TsaltError `mine-question-refused`, `not-connected`, … */
  get(wanted: MineGet): Promise<MineData>
  /** What the functions answer may be something else now: they are asked again soon. */
  due(): void
}

export interface MineAccessParts {
  readonly master: MasterPort
  /** Takes secrets out. */
  readonly redact: (data: Json) => Json
  readonly due: () => void
}

export function mineAccess({ master, redact, due }: MineAccessParts): MineAccess {
  return {
    async put(change) {
      const secret = change.entries.filter(({ value }) => differs(value, redact(value)))
      const hidden = secret.map(({ name }) => {
        const error = new TsaltError('mine-secret', { name })
        return { name, code: error.code, message: describeError(error) }
      })
      const { body } = await master.request('mine.put', {
        ...change,
        entries: change.entries.filter((entry) => !secret.includes(entry)),
        keep: change.keep.filter((name) => !hidden.some((one) => one.name === name)),
        remove: [...change.remove, ...hidden.map(({ name }) => name)],
      })
      return { refused: [...hidden, ...body.refused] }
    },
    async get(wanted) {
      try {
        return (await master.request('mine.get', wanted)).body
      } catch (error) {
        throw plain(error)
      }
    },
    due,
  }
}

/** What the master says of the question, without the words around it. */
function plain(error: unknown): unknown {
  if (!isTsaltError(error) || error.code !== 'request-refused') return error
  const { code, message } = error.parameters
  if (!String(code).startsWith('mine-')) return error
  return new TsaltError('mine-question-refused', { message: String(message) }, { cause: error })
}

const differs = (value: Json, clean: Json): boolean =>
  value !== clean && JSON.stringify(value) !== JSON.stringify(clean)
