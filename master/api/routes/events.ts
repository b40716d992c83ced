/** /api/v1/events: the event bus, as a stream. */
import * as v from 'valibot'
import { compileGlob } from '../../../shared/targeting/glob.ts'
import type { EventRow } from '../../store/events.ts'
import { type EventSight, eventSight } from '../event-sight.ts'
import { type RouteCall, route } from '../route.ts'
import { BusEvent } from '../schemas.ts'
import type { RouteContext } from '../services.ts'
import { sendStream, wantsServerSent } from '../stream.ts'

const decimal = v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'a number is wanted'), v.transform(Number))

const Query = v.strictObject({
  /** After this number. */
  after: v.optional(decimal),
  /** From this moment on, milliseconds since the epoch. */
  since: v.optional(decimal),
  /** A glob; several are alternatives. */
  tag: v.optional(v.union([v.string(), v.array(v.string())])),
  follow: v.optional(v.picklist(['true', 'false'])),
})

/** So that a silent stream is told apart from a dead one, milliseconds. */
const beat = 5_000

export const eventRoutes = [
  route({
    method: 'GET',
    path: '/api/v1/events',
    summary: 'Events: those that are stored, and with `follow=true` those that come.',
    query: Query,
    answer: BusEvent,
    stream: true,
    sees: 'events',
    errors: ['access-denied'],
    async handle(call, context) {
      const { events, access } = context
      const { tag, follow } = call.query
      const globs = (tag === undefined ? [] : [tag].flat()).map(compileGlob)
      const matches = (name: string): boolean => globs.length === 0 || globs.some((glob) => glob(name))
      const live = follow === undefined ? wantsServerSent(call.request) : follow === 'true'
      const from = await beginning(call, context)
      const visible = await eventSight(access, call.actor)
      return sendStream(call, context, (signal) => {
        const stored = events.follow({ since: from ?? (live ? undefined : 0), matches, live, signal })
        return withBeats(filtered(stored, visible), signal)
      })
    },
  }),
]

/** A browser that connects again says with its header where it was. */
async function beginning(
  { query, request }: RouteCall<unknown, v.InferOutput<typeof Query>>,
  { events }: RouteContext,
): Promise<number | undefined> {
  const last = request.headers['last-event-id']
  if (typeof last === 'string' && /^\d{1,15}$/.test(last)) return Number(last)
  return query.after ?? (query.since === undefined ? undefined : events.before(query.since))
}

export async function* filtered(
  source: AsyncGenerator<EventRow>,
  visible: EventSight,
): AsyncGenerator<EventRow> {
  for await (const event of source) if (await visible(event)) yield event
}

/** An event, or a beat where none came for a while; the first line is a beat, so that the stream opens at once. */
export async function* withBeats(
  source: AsyncGenerator<EventRow>,
  signal: AbortSignal,
): AsyncGenerator<BusEvent> {
  yield { type: 'beat' }
  try {
    let next = source.next()
    for (;;) {
      const came = await sooner(next, signal)
      if (came === undefined) {
        if (signal.aborted) return
        yield { type: 'beat' }
        continue
      }
      if (came.done) return
      const { sequence, tag, at, data } = came.value
      yield { type: 'event', sequence, tag, at, data }
      next = source.next()
    }
  } finally {
    await source.return(undefined)
  }
}

/** undefined: it did not come within a beat, or the reader has left. */
async function sooner<Result>(coming: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  let ended = (): void => {}
  const pause = new Promise<undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), beat)
    ended = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', ended)
      resolve(undefined)
    }
    signal.addEventListener('abort', ended)
    if (signal.aborted) ended()
  })
  try {
    return await Promise.race([coming, pause])
  } finally {
    ended()
  }
}
