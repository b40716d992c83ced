/** `tsalt-run state.event`: the event bus as Salt's runner prints it, a tag and its data on a line. */
import { decodeValue } from '../../shared/data/codec.ts'
import { isDict, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { formatValue } from '../../shared/output/format.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import type { Console } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import { followEvents } from './follow-events.ts'
import type { MasterClient } from './master-client.ts'

const names = ['tagmatch', 'count', 'quiet', 'sock_dir', 'pretty', 'node'] as const

/**
 * `state.event [tagmatch] [count] [quiet] [sock_dir] [pretty] [node]`; the fourth and the last mean nothing here.
 * @throws TsaltError `usage-wrong`
 */
export async function runStateEvent(
  client: MasterClient,
  console: Console,
  args: readonly Value[],
  kwargs: ReadonlyMap<unknown, Value>,
): Promise<number> {
  const given = new Map<string, Value>(
    args.map((value, index) => [names[index] ?? `argument ${index + 1}`, value]),
  )
  for (const [key, value] of kwargs) given.set(String(key), value)
  for (const name of given.keys()) {
    if (!(names as readonly string[]).includes(name))
      throw new TsaltError(
        'usage-wrong',
        { reason: `state.event takes no "${name}"` },
        { hint: `It takes ${names.join(', ')}.` },
      )
  }
  const tag = given.get('tagmatch')
  const count = given.get('count') ?? -1
  if (typeof count !== 'number')
    throw new TsaltError('usage-wrong', { reason: 'count is a number of events' })
  const stop = new AbortController()
  const deaf = console.onInterrupt(() => stop.abort())
  const wanted = { tags: tag === undefined || tag === null ? [] : [String(tag)], follow: true }
  let left = count
  try {
    for await (const event of followEvents(client, console, wanted, stop.signal)) {
      if (given.get('quiet') !== true) {
        const stamp = new Date(event.at).toISOString().replace('Z', '')
        const data = decodeValue(event.data)
        const stamped: Value = isDict(data)
          ? new Map<string, Value>([...(data as Map<string, Value>), ['_stamp', stamp]])
          : data
        const indent = given.get('pretty') === true ? 4 : -1
        const text = formatValue(stamped, {
          out: 'json',
          stateForm: 'short',
          stateVerbose: true,
          color: false,
          unicode: true,
          indent,
        })
        console.out(`${harmlessLine(event.tag)}\t${text.trimEnd()}\n`)
      }
      left -= 1
      if (left === 0) break
    }
  } finally {
    deaf()
  }
  return exitCodes.ok
}
