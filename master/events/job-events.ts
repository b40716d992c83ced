/** What jobs tell the event bus, with Salt's tags and Salt's names of fields. */
import { decodeValue, type Json } from '../../shared/data/codec.ts'
import type { Plain } from '../../shared/data/value.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { Body } from '../../shared/protocol/registry.ts'
import { functionsOf, isSeveral } from '../../shared/several-functions.ts'
import { partsOfReturn, type ReturnPart } from '../jobs/return-parts.ts'
import { saltVerdicts } from '../jobs/salt-verdicts.ts'
import type { JobRow } from '../store/jobs.ts'
import type { Events } from './event-bus.ts'

/** `salt/job/<jid>/new` */
export function jobSubmitted(events: Events, row: JobRow, minions: readonly MinionId[]): void {
  events.fire(`salt/job/${row.jid}/new`, {
    jid: row.jid,
    tgt: row.target.expression,
    tgt_type: row.target.kind,
    fun: functionOrList(row.fun),
    arg: argumentsOf(row),
    minions: [...minions],
    user: row.operator,
    ...(row.metadata === undefined ? {} : { metadata: valuesOf(row.metadata) }),
  })
}

const valuesOf = (named: Readonly<Record<string, Json>>): ReadonlyMap<string, Plain> =>
  new Map(Object.entries(named).map(([name, json]) => [name, decodeValue(json)]))

/** Several functions are a list, as in Salt. */
const functionOrList = (fun: string): Plain => (isSeveral(fun) ? [...functionsOf(fun)] : fun)

/** Keywords come last, as one mapping that says what it is: Salt's form. */
function argumentsOf({ args, kwargs }: JobRow): Plain[] {
  const positional: Plain[] = args.map(decodeValue)
  const keywords = Object.entries(kwargs).map(([key, json]) => [key, decodeValue(json)] as const)
  return keywords.length === 0
    ? positional
    : [...positional, new Map<string, Plain>([['__kwarg__', true], ...keywords])]
}

/** `salt/job/<jid>/ret/<id>`, without the return itself, which completeReturn adds; before it what its states tell. */
export function jobReturned(events: Events, from: MinionId, body: Body<'job.return'>): void {
  const { jid, calls } = body
  for (const part of partsOfReturn(body)) {
    for (const [tag, entry] of stateEvents(jid, from, part)) events.fire(tag, entry)
  }
  const fun = functionOrList(body.fun)
  const { retcode, success } = calls === undefined ? body : saltVerdicts(calls)
  events.fire(`salt/job/${jid}/ret/${from}`, { id: from, jid, fun, retcode, success, cmd: '_return' })
}

/** Results of states that carry a tag (`fire_event`, `state_events`): only tags of this job and minion count. */
function stateEvents(jid: JobId, from: MinionId, { format, ret }: ReturnPart): [string, Plain][] {
  if (format !== 'highstate' || ret === null || typeof ret !== 'object' || Array.isArray(ret)) return []
  const allowed = [`salt/state_result/${jid}/${from}/`, `salt/job/${jid}/prog/${from}/`]
  return Object.entries(ret).flatMap(([id, entry]): [string, Plain][] => {
    const tag = (entry as { readonly __event__?: Json } | null)?.__event__
    if (typeof tag !== 'string' || !allowed.some((start) => tag.startsWith(start))) return []
    return [
      [
        tag,
        new Map<string, Plain>([
          ['id', from],
          ['jid', jid],
          ['ret', new Map([[id, decodeValue(entry)]])],
        ]),
      ],
    ]
  })
}
