/** /api/v1/events: the event bus, as a stream. */
import type { FastifyInstance } from 'fastify'
import * as v from 'valibot'
import { compileGlob } from '../../../shared/targeting/glob.ts'
import type { EventRow } from '../../store/events.ts'
import { sendStream } from '../ndjson.ts'
import { read } from '../request.ts'
import type { BusEvent } from '../schemas.ts'
import type { RouteContext } from '../services.ts'

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

export function eventRoutes(app: FastifyInstance, { events, stopping }: RouteContext): void {
  app.get('/api/v1/events', async (request, reply) => {
    const { after, since, tag, follow } = read(Query, request.query)
    const globs = (tag === undefined ? [] : [tag].flat()).map(compileGlob)
    const matches = (name: string): boolean => globs.length === 0 || globs.some((glob) => glob(name))
    const from = after ?? (since === undefined ? undefined : await events.before(since))
    const live = follow === 'true'
    return sendStream(reply, stopping, (signal) =>
      withBeats(events.follow({ since: from ?? (live ? undefined : 0), matches, live, signal }), signal),
    )
  })
}

/** An event, or a beat where none came for a while; the first line is a beat, so that the stream opens at once. */
async function* withBeats(source: AsyncGenerator<EventRow>, signal: AbortSignal): AsyncGenerator<BusEvent> {
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
