/** Events of returns do not keep the return a second time: it is read from where it lies. */
import type { Json } from '../../shared/data/codec.ts'
import { isJobId, parseMinionId } from '../../shared/ids.ts'
import type { EventRow } from '../store/events.ts'
import type { ReturnStore } from '../store/returns.ts'

const returnTag = /^salt\/job\/(\d+)\/ret\/(.+)$/
/** Of an orchestration, whose data names the master. */
const runTag = /^salt\/run\/(\d+)\/ret$/

export const completeReturn =
  (returns: Pick<ReturnStore, 'find'>) =>
  async (event: EventRow): Promise<EventRow> => {
    const { data } = event
    if (event.origin !== undefined || data === null || typeof data !== 'object') return event
    const fields = data as Record<string, Json>
    const [, jid = '', id = ''] = returnTag.exec(event.tag) ?? []
    const [, run = ''] = runTag.exec(event.tag) ?? []
    if (isJobId(run) && typeof fields.id === 'string') {
      const row = await returns.find(run, parseMinionId(fields.id))
      const answer = row && { data: { [fields.id]: row.ret }, outputter: 'highstate', retcode: row.retcode }
      return { ...event, data: { ...fields, return: answer ?? null } }
    }
    if (!isJobId(jid)) return event
    // A job that is not kept any more has no return either.
    const row = await returns.find(jid, parseMinionId(id))
    return { ...event, data: { ...fields, return: row?.ret ?? null } }
  }
