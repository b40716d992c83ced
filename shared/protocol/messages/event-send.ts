/** Minion → master: something for the event bus, under a tag of the minion's own choice. */
import * as v from 'valibot'
import { encodedValue } from '../fields.ts'

/** Bytes of the data as JSON, at most. */
export const largestEvent = 256 * 1024
/** Characters of a tag, at most. */
export const longestTag = 512

/** Steps of printable characters with "/" between them; the master puts it below `minion/ID/`. */
export const eventTag = v.pipe(
  v.string(),
  v.maxLength(longestTag),
  v.regex(/^[^\p{C}\p{Z}/]+(?:\/[^\p{C}\p{Z}/]+)*$/u, 'not a tag'),
)

/** The minion's own name for an event, another for each: told again, it counts once. */
export const eventKey = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))

export const EventSend = v.strictObject({
  key: eventKey,
  tag: eventTag,
  data: encodedValue,
})
export type EventSend = v.InferOutput<typeof EventSend>

export const EventStored = v.strictObject({ stored: v.literal(true) })
export type EventStored = v.InferOutput<typeof EventStored>
