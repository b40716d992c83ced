/** Sends requests that change something; how one is taken back is journalled before it, how it ended after it. */
import type { Clock } from '../../shared/clock.ts'
import type { HttpChanger } from './http-port.ts'
import type { SendHttp } from './http-request.ts'
import type { UndoJournal } from './undo-journal.ts'

export function journalledHttp(
  send: SendHttp,
  journal: UndoJournal,
  clock: Clock,
  changed: () => void,
): HttpChanger {
  return {
    send: async (request, { undo } = {}) => {
      const what = `request: ${request.method ?? 'GET'} ${request.url}`
      const id = clock.randomHex(8)
      if (undo === undefined) journal.record({ kind: 'lost', what, why: 'a request was sent' })
      else if (undo.length > 0)
        journal.record({
          kind: 'command',
          id,
          what,
          did: [],
          steps: undo.map(({ argv, ...rest }) => ({ ...storable(rest), argv: [...argv] })),
        })
      try {
        const answer = await send(request)
        if (undo !== undefined && undo.length > 0)
          journal.record({ kind: 'command-ended', id, code: answer.status < 400 ? 0 : 1 })
        return answer
      } finally {
        changed()
      }
    },
  }
}

function storable<Rest extends { readonly env?: Readonly<Record<string, string>> }>({ env, ...rest }: Rest) {
  return { ...rest, ...(env === undefined ? {} : { env: { ...env } }) }
}
