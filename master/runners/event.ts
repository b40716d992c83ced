/** Runner `event`: tells the event bus something. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { eventTag } from '../../shared/protocol/messages/event-send.ts'
import { runner, runnerFunction } from './contract.ts'

export const event = runner({
  summary: 'Tells the event bus something.',
  functions: {
    send: runnerFunction({
      summary: 'Sends an event, as if the master had seen it.',
      args: v.strictObject({
        tag: v.pipe(v.string('a tag is expected'), v.description('Its tag: myco/deployed.')),
        data: v.optional(v.pipe(v.unknown(), v.description('What it tells.'))),
        more: v.optional(
          v.pipe(v.record(v.string(), v.unknown()), v.description('Further k=v of the data.')),
        ),
      }),
      restKeywords: 'more',
      examples: [`tsalt-run event.send myco/deployed '{"version": "1.2"}'`],
      async run({ tag, data, more }, { events, actor }) {
        if (!v.safeParse(eventTag, tag).success)
          throw new TsaltError('event-tag-invalid', { tag: JSON.stringify(tag.slice(0, 100)) })
        // What begins so was seen by the master, or told by the minion of that name: reactors rely on it.
        if (/^(?:salt|minion)\//.test(tag) && actor.grants !== 'everything')
          throw new TsaltError('event-tag-reserved', { tag })
        events.fire(tag, dataOf(data as Plain, (more ?? {}) as Record<string, Plain>))
        return true
      },
    }),
  },
})

function dataOf(data: Plain, more: Readonly<Record<string, Plain>>): Plain {
  if (Object.keys(more).length === 0) return data ?? {}
  const isMapping = typeof data === 'object' && data !== null && !Array.isArray(data)
  const own = isMapping
    ? (data as Record<string, Plain>)
    : data === undefined || data === null
      ? {}
      : { data }
  return { ...own, ...more }
}
