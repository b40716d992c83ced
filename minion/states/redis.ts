/** redis.*: keys of a Redis server, and what it replicates. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { textList } from '../../shared/schema/collections.ts'
import { nonEmptyText, readLooseText, text, whole } from '../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../shared/schema/shaped.ts'
import { putBack, Redis, type RedisCaller } from '../databases/redis/client.ts'
import type { Reader } from '../system/reader.ts'
import {
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  stateModule,
} from './contract.ts'
import { withServer } from './database-trouble.ts'

const serverEntries = {
  host: optional(
    nonEmptyText,
    'Host of the server, or its socket. Default: `redis.host` of configuration or pillar, else this machine.',
  ),
  port: optional(whole, 'Its port. Default: `redis.port`, else 6379.'),
  db: optional(whole, 'Number of the database. Default: `redis.db`, else 0.'),
  password: optional(text, 'Password. Default: `redis.password`.'),
}
const content = shaped<string>({
  words: 'text',
  json: { type: ['string', 'number', 'boolean'] },
  read: (value) => readLooseText(value) ?? new Mismatch(`text is expected, not ${describeValue(value)}`),
})

const onRedis = (
  { host, port, db, password }: RedisCaller,
  look: Reader,
  run: StateRun,
  decide: (server: Redis) => Promise<Decision>,
): Promise<Decision> =>
  withServer(run, () =>
    decide(
      new Redis(
        {
          ...(host === undefined ? {} : { host }),
          ...(port === undefined ? {} : { port }),
          ...(db === undefined ? {} : { db }),
          ...(password === undefined ? {} : { password }),
        },
        look,
        run.config,
      ),
    ),
  )

const stringArgs = v.strictObject({
  name: needed(nonEmptyText, 'The key.'),
  value: needed(content, 'The value.'),
  expire: optional(whole, 'Seconds that it is kept. A key that ends by then keeps its time.'),
  expireat: optional(whole, 'When it ends, in seconds since 1970; counts before `expire`.'),
  ...serverEntries,
})
type StringArguments = v.InferOutput<typeof stringArgs>

/** Seconds that a key of which this is the life in milliseconds (-1: for ever) has to get; undefined: none. */
async function newLife(
  { expire, expireat }: StringArguments,
  life: number,
  server: Redis,
): Promise<readonly string[] | undefined> {
  if (expireat !== undefined) {
    const now = await server.ask('TIME')
    const ends = Number(Array.isArray(now) ? now[0] : 0) + life / 1000
    return life >= 0 && Math.abs(ends - expireat) <= 2 ? undefined : ['EXPIREAT', String(expireat)]
  }
  if (expire === undefined) return undefined
  return life >= 0 && life <= expire * 1000 ? undefined : ['EXPIRE', String(expire)]
}

const string = stateFunction({
  summary: 'Makes sure that a key has a text as its value.',
  args: stringArgs,
  examples: [
    'feature:beta:\n  redis.string:\n    - value: on\n',
    'notice:\n  redis.string:\n    - value: We are back at noon.\n    - expire: 3600\n',
  ],
  check: (wanted, look, run) =>
    onRedis(wanted, look, run, async (server) => {
      const { name, value, expire, expireat } = wanted
      const type = await server.ask('TYPE', name)
      if (type !== 'string' && type !== 'none')
        return failed(
          `The key ${name} is a ${type}, not a text`,
          'Name another key, or remove it first (redis.absent).',
        )
      const old = type === 'none' ? undefined : await server.ask('GET', name)
      const isNew = old !== value
      // SET takes the end of the key away.
      const ends = expire !== undefined || expireat !== undefined
      const life = isNew || !ends ? -1 : Number(await server.ask('PTTL', name))
      const ending = await newLife(wanted, life, server)
      if (!isNew && ending === undefined) return inSync('Key already set to defined value')
      const changes: Record<string, Plain> = isNew ? { [name]: 'Value updated' } : {}
      if (ending !== undefined && expireat !== undefined) changes.expireat = `Key expires at ${expireat}`
      else if (ending !== undefined) changes.expire = `TTL set to ${expire} seconds`
      const comments = { would: 'Key would be set to the defined value', done: 'Key updated to new value' }
      return drift(changes, comments, async (act) => {
        const undo = [await putBack(name, server)]
        if (isNew) await server.change(act, ['SET', name], value, undo)
        if (ending)
          await server.change(act, [ending[0] ?? '', name, ending[1] ?? ''], undefined, isNew ? [] : undo)
      })
    }),
})

const absent = stateFunction({
  summary: 'Makes sure that keys do not exist.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'The key, unless `keys` is given.'),
    keys: optional(textList, 'Several keys.'),
    ...serverEntries,
  }),
  examples: [
    'feature:old:\n  redis.absent: []\n',
    'old features:\n  redis.absent:\n    - keys: [feature:a, feature:b]\n',
  ],
  check: ({ name, keys, ...caller }, look, run) =>
    onRedis(caller, look, run, async (server) => {
      const there: string[] = []
      for (const key of keys ?? [name]) if ((await server.ask('EXISTS', key)) === 1) there.push(key)
      if (there.length === 0) return inSync('Key(s) specified already absent')
      const comments = {
        would: there.length > 1 || keys ? 'Keys would be deleted' : 'Key would be deleted',
        done: there.length > 1 || keys ? 'Keys deleted' : 'Key deleted',
      }
      return drift({ deleted: there }, comments, async (act) => {
        for (const key of there)
          await server.change(act, ['DEL', key], undefined, [await putBack(key, server)])
      })
    }),
})

const slaveof = stateFunction({
  summary: 'Makes sure that the server replicates the master that a sentinel names.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'Name of the master, as the sentinel knows it.'),
    sentinel_host: needed(nonEmptyText, 'Host of the sentinel.'),
    sentinel_port: optional(whole, 'Its port; default 26379.'),
    sentinel_password: optional(text, 'Its password.'),
    ...serverEntries,
  }),
  examples: ['main:\n  redis.slaveof:\n    - sentinel_host: 10.0.0.5\n'],
  check: ({ name, sentinel_host, sentinel_port = 26379, sentinel_password, ...caller }, look, run) =>
    onRedis(caller, look, run, async (server) => {
      const sentinel = new Redis(
        { host: sentinel_host, port: sentinel_port, db: 0, password: sentinel_password ?? '' },
        look,
        undefined,
      )
      const told = await sentinel.ask('SENTINEL', 'get-master-addr-by-name', name)
      if (!Array.isArray(told))
        return failed(
          `The sentinel at ${sentinel_host} knows no master ${name}`,
          'Correct the name, or have the sentinel monitor it.',
        )
      const [host, port] = told.map(String)
      const own = look.grains.get('ipv4')
      if (Array.isArray(own) && own.includes(host ?? '')) return inSync(`Minion is the master: ${name}`)
      const now = await replicates(server)
      const master = { master_host: host ?? '', master_port: port ?? '' }
      if (now?.master_host === host && now?.master_port === port)
        return inSync(`Minion already slave of master: ${name}`)
      const comments = {
        would: `Minion will be made a slave of ${name}: ${host}`,
        done: `Minion successfully connected to master: ${name}`,
      }
      const back = now ? ['REPLICAOF', now.master_host, now.master_port] : ['REPLICAOF', 'NO', 'ONE']
      return drift({ old: now ?? {}, new: master }, comments, async (act) => {
        await server.change(act, ['REPLICAOF', host ?? '', port ?? ''], undefined, [server.step(back)])
      })
    }),
})

async function replicates(server: Redis): Promise<{ master_host: string; master_port: string } | undefined> {
  const info = String(await server.ask('INFO', 'replication'))
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const [master_host, master_port] = [field('master_host'), field('master_port')]
  return master_host === undefined || master_port === undefined ? undefined : { master_host, master_port }
}

export const redis = stateModule({
  summary: 'Keys of a Redis server, and what it replicates.',
  functions: { string, absent, slaveof },
})
