/** Functions of `redis` that are one command of the server. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { anything } from '../../../shared/schema/collections.ts'
import { readLooseText } from '../../../shared/schema/scalars.ts'
import { putBack } from '../../databases/redis/client.ts'
import type { Reply } from '../../databases/redis/reply.ts'
import { type ExecFunction, execFunction } from '../contract.ts'
import { connection, type RedisCall, serverOf } from './connection.ts'

type Answer = (reply: Reply) => Plain

const plain: Answer = (reply) => reply as Plain
export const yes: Answer = (reply) => reply === 1 || reply === 'OK'
/** Names and values in turn. */
const pairs: Answer = (reply) => {
  const items = Array.isArray(reply) ? reply : []
  const found: Record<string, Plain> = {}
  for (let index = 0; index < items.length; index += 2)
    found[String(items[index])] = (items[index + 1] ?? null) as Plain
  return found
}
/** Lines `name:value`. */
const fields: Answer = (reply) =>
  Object.fromEntries(
    [...String(reply).matchAll(/^([^#\s:][^:]*):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )

interface Definition {
  readonly summary: string
  /** Argument → what it is, in the order of the command; one that ends with `?` may be left out. */
  readonly args?: Readonly<Record<string, string>>
  readonly command: readonly string[]
  readonly answer?: Answer
  readonly changes?: true
  /** How it is taken back: the keys that it changes. */
  readonly keys?: (args: Readonly<Record<string, string>>) => readonly string[]
  readonly example: string
}

function command(
  name: string,
  { summary, args = {}, command: words, answer = plain, changes, keys, example }: Definition,
): [string, ExecFunction] {
  const own: v.ObjectEntries = {}
  for (const [key, description] of Object.entries(args))
    own[key.replace('?', '')] = key.endsWith('?')
      ? optional(anything, description)
      : needed(anything, description)
  const definition = execFunction({
    summary,
    args: v.strictObject({ ...own, ...connection }),
    examples: [`tsalt cache1 redis.${name}${example === '' ? '' : ` ${example}`}`],
    readOnly: changes !== true,
    async run(given, context) {
      const values = given as Record<string, unknown>
      const server = serverOf(given as RedisCall, context)
      const read = Object.fromEntries(
        Object.keys(own).flatMap((key) =>
          values[key] === undefined ? [] : [[key, readLooseText(values[key]) ?? '']],
        ),
      )
      const line = lineOf(name, words, Object.values(read))
      if (!changes) return answer(await server.ask(...line))
      const undo = keys && (await Promise.all(keys(read).map((key) => putBack(key, server))))
      return answer(await server.change(context.act, line, undefined, undo))
    },
  })
  return [name, definition]
}

/** Redis wants a pattern, and a word for none. */
function lineOf(name: string, words: readonly string[], given: readonly string[]): string[] {
  if (given.length > 0 || !['keys', 'config_get', 'slaveof'].includes(name)) return [...words, ...given]
  return [...words, ...(name === 'slaveof' ? ['NO', 'ONE'] : ['*'])]
}

const key = { key: 'The key.' }
const ofKey = (args: Readonly<Record<string, string>>): readonly string[] => [args.key ?? '']

export const commandFunctions: Readonly<Record<string, ExecFunction>> = Object.fromEntries([
  command('ping', {
    summary: 'True where the server answers.',
    command: ['PING'],
    answer: (reply) => reply === 'PONG',
    example: '',
  }),
  command('info', {
    summary: 'State of the server, by name.',
    args: { 'section?': 'Of one section: `memory`.' },
    command: ['INFO'],
    answer: fields,
    example: 'memory',
  }),
  command('dbsize', { summary: 'How many keys the database has.', command: ['DBSIZE'], example: '' }),
  command('time', {
    summary: 'Time of the server, in seconds since 1970.',
    command: ['TIME'],
    answer: (reply) => Number(Array.isArray(reply) ? reply[0] : 0),
    example: '',
  }),
  command('lastsave', {
    summary: 'When the data was last saved, in seconds since 1970.',
    command: ['LASTSAVE'],
    example: '',
  }),
  command('keys', {
    summary: 'Keys whose names fit a pattern.',
    args: { 'pattern?': 'With `*` and `?`; default all.' },
    command: ['KEYS'],
    example: 'feature:*',
  }),
  command('exists', {
    summary: 'Whether there is a key.',
    args: key,
    command: ['EXISTS'],
    answer: yes,
    example: 'feature:beta',
  }),
  command('key_type', {
    summary: 'Kind of a key: string, list, set, zset, hash; none where there is none.',
    args: key,
    command: ['TYPE'],
    example: 'feature:beta',
  }),
  command('get_key', {
    summary: 'Value of a key; nothing where there is none.',
    args: key,
    command: ['GET'],
    example: 'feature:beta',
  }),
  command('ttl', {
    summary: 'Seconds that a key is kept; -1 for ever, -2 there is none.',
    args: key,
    command: ['TTL'],
    example: 'feature:beta',
  }),
  command('hget', {
    summary: 'Value of a field of a hash.',
    args: { ...key, field: 'The field.' },
    command: ['HGET'],
    example: 'user:1 name',
  }),
  command('hgetall', {
    summary: 'All fields of a hash.',
    args: key,
    command: ['HGETALL'],
    answer: pairs,
    example: 'user:1',
  }),
  command('hexists', {
    summary: 'Whether a hash has a field.',
    args: { ...key, field: 'The field.' },
    command: ['HEXISTS'],
    answer: yes,
    example: 'user:1 name',
  }),
  command('hset', {
    summary: 'Gives a field of a hash a value.',
    args: { ...key, field: 'The field.', value: 'The value.' },
    command: ['HSET'],
    changes: true,
    keys: ofKey,
    example: 'user:1 name anna',
  }),
  command('hdel', {
    summary: 'Removes a field of a hash.',
    args: { ...key, field: 'The field.' },
    command: ['HDEL'],
    changes: true,
    keys: ofKey,
    example: 'user:1 name',
  }),
  command('llen', { summary: 'Length of a list.', args: key, command: ['LLEN'], example: 'jobs' }),
  command('lrange', {
    summary: 'Items of a list.',
    args: { ...key, start: 'First, from 0.', stop: 'Last; -1 is the end.' },
    command: ['LRANGE'],
    example: 'jobs 0 -1',
  }),
  command('smembers', {
    summary: 'Members of a set.',
    args: key,
    command: ['SMEMBERS'],
    example: 'tags',
  }),
  command('zcard', {
    summary: 'How many members a sorted set has.',
    args: key,
    command: ['ZCARD'],
    example: 'scores',
  }),
  command('zrange', {
    summary: 'Members of a sorted set.',
    args: { ...key, start: 'First, from 0.', stop: 'Last; -1 is the end.' },
    command: ['ZRANGE'],
    example: 'scores 0 -1',
  }),
  command('expire', {
    summary: 'Has a key end after some seconds.',
    args: { ...key, seconds: 'The seconds.' },
    command: ['EXPIRE'],
    answer: yes,
    changes: true,
    keys: ofKey,
    example: 'feature:beta 3600',
  }),
  command('expireat', {
    summary: 'Has a key end at a time.',
    args: { ...key, timestamp: 'Seconds since 1970.' },
    command: ['EXPIREAT'],
    answer: yes,
    changes: true,
    keys: ofKey,
    example: 'feature:beta 1900000000',
  }),
  command('config_get', {
    summary: 'Settings of the server whose names fit a pattern.',
    args: { 'pattern?': 'With `*` and `?`; default all.' },
    command: ['CONFIG', 'GET'],
    answer: pairs,
    example: 'maxmemory*',
  }),
  command('config_set', {
    summary: 'Changes a setting of the server until it is started again.',
    args: { name: 'The setting.', value: 'Its value.' },
    command: ['CONFIG', 'SET'],
    answer: yes,
    changes: true,
    example: 'maxmemory 100mb',
  }),
  command('save', {
    summary: 'Saves the data now; the server answers nobody meanwhile.',
    command: ['SAVE'],
    answer: yes,
    changes: true,
    keys: () => [],
    example: '',
  }),
  command('bgsave', {
    summary: 'Begins to save the data.',
    command: ['BGSAVE'],
    changes: true,
    keys: () => [],
    example: '',
  }),
  command('bgrewriteaof', {
    summary: 'Begins to write the log of changes anew.',
    command: ['BGREWRITEAOF'],
    changes: true,
    keys: () => [],
    example: '',
  }),
  command('flushdb', {
    summary: 'Removes all keys of the database.',
    command: ['FLUSHDB'],
    answer: yes,
    changes: true,
    example: '',
  }),
  command('flushall', {
    summary: 'Removes all keys of all databases.',
    command: ['FLUSHALL'],
    answer: yes,
    changes: true,
    example: '',
  }),
  command('slaveof', {
    summary: 'Has the server replicate another; without one it is a master.',
    args: { 'master_host?': 'Its host.', 'master_port?': 'Its port.' },
    command: ['REPLICAOF'],
    answer: yes,
    changes: true,
    example: '10.0.0.7 6379',
  }),
  command('get_master_ip', {
    summary: 'Host and port of the server that this one replicates; empty for a master.',
    command: ['INFO', 'replication'],
    answer: masterOf,
    example: '',
  }),
])

function masterOf(reply: Reply): Plain {
  const { master_host = '', master_port = '' } = fields(reply) as Record<string, string>
  return { master_host, master_port }
}
