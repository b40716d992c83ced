/** Events of returns do not keep the return a second time: it is read from where it lies. */
import type { Json } from '../../shared/data/codec.ts'
import { isJobId, type JobId, parseMinionId } from '../../shared/ids.ts'
import type { EventRow } from '../store/events.ts'
import type { ReturnStore } from '../store/returns.ts'

const returnTag = /^salt\/job\/(\d+)\/ret\/(.+)$/

export const completeReturn =
  (returns: Pick<ReturnStore, 'find'>) =>
  async (event: EventRow): Promise<EventRow> => {
    const [, jid = '', id = ''] = event.origin === undefined ? (returnTag.exec(event.tag) ?? []) : []
    if (!isJobId(jid) || event.data === null || typeof event.data !== 'object') return event
    // A job that is not kept any more has no return either.
    const row = await returns.find(jid as JobId, parseMinionId(id))
    const body: Json = row?.ret ?? null
    return { ...event, data: { ...(event.data as Record<string, Json>), return: body } }
  }
