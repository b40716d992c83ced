/** Execution module `redis`: a Redis server. */
import * as v from 'valibot'
import { isList } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { anything } from '../../../shared/schema/collections.ts'
import { nonEmptyText, readLooseText, text, whole } from '../../../shared/schema/scalars.ts'
import { putBack } from '../../databases/redis/client.ts'
import { execFunction, execModule } from '../contract.ts'
import { commandFunctions, yes } from './commands.ts'
import { connection, serverOf } from './connection.ts'

const set_key = execFunction({
  summary: 'Gives a key a text as its value.',
  args: v.strictObject({
    key: needed(nonEmptyText, 'The key.'),
    value: needed(anything, 'The value.'),
    ...connection,
  }),
  examples: ['tsalt cache1 redis.set_key feature:beta on'],
  readOnly: false,
  async run({ key: name, value, ...caller }, context) {
    const server = serverOf(caller, context)
    return yes(
      await server.change(context.act, ['SET', name], readLooseText(value) ?? '', [
        await putBack(name, server),
      ]),
    )
  },
})

const deleteKeys = execFunction({
  summary: 'Removes keys. Answers how many there were.',
  args: v.strictObject({ keys: needed(anything, 'A key, or several.'), ...connection }),
  rest: 'keys',
  examples: ['tsalt cache1 redis.delete feature:a feature:b'],
  readOnly: false,
  async run({ keys, ...caller }, context) {
    const server = serverOf(caller, context)
    let gone = 0
    for (const name of (isList(keys) ? keys : [keys]).map((one) => readLooseText(one) ?? ''))
      gone += Number(
        await server.change(context.act, ['DEL', name], undefined, [await putBack(name, server)]),
      )
    return gone
  },
})

const sentinel = execFunction({
  summary: 'Host and port of the master that a sentinel knows by this name.',
  args: v.strictObject({
    master: needed(nonEmptyText, 'Name of the master.'),
    host: needed(nonEmptyText, 'Host of the sentinel.'),
    port: defaulted(whole, 26_379, 'Its port.'),
    password: optional(text, 'Its password.'),
  }),
  examples: ['tsalt cache1 redis.sentinel_get_master_ip main 10.0.0.5'],
  readOnly: true,
  async run({ master, ...caller }, context) {
    const told = await serverOf({ db: 0, ...caller }, context).ask(
      'SENTINEL',
      'get-master-addr-by-name',
      master,
    )
    return Array.isArray(told) ? { master_host: String(told[0]), master_port: String(told[1]) } : {}
  },
})

export const redisModule = execModule({
  summary: 'Keys and state of a Redis server.',
  functions: { ...commandFunctions, set_key, delete: deleteKeys, sentinel_get_master_ip: sentinel },
})
