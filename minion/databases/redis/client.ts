/** redis-cli: the one way to a Redis server. Passwords go by the environment, values by standard input. */
import type { Dict } from '../../../shared/data/value.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import { given } from '../../states/given.ts'
import type { Changer, UndoStep } from '../../system/changer.ts'
import type { CommandResult, Reader } from '../../system/reader.ts'
import { type Settings, settingsOf } from '../settings.ts'
import { parseReply, RedisError, type Reply } from './reply.ts'

/** How a state or function names the server: Salt's arguments. */
export interface RedisCaller {
  readonly host?: string
  readonly port?: number
  readonly db?: number
  readonly password?: string
}

const longest = 600_000
const notLetIn = /^(?:NOAUTH|WRONGPASS|NOPERM|LOADING|MASTERDOWN)\b|invalid password/

export class Redis {
  readonly #look: Reader
  readonly #argv: readonly string[]
  readonly #env: Readonly<Record<string, string>>
  readonly #place: string

  /** @param config the minion's configuration */
  constructor(caller: RedisCaller, look: Reader, config: Dict | undefined) {
    const settings: Settings = settingsOf(look, config)
    const host = caller.host ?? settings('redis.host')
    const port = caller.port === undefined ? settings('redis.port') : String(caller.port)
    const db = caller.db === undefined ? settings('redis.db') : String(caller.db)
    const socket = host?.startsWith('/')
    this.#look = look
    this.#argv = [
      'redis-cli',
      '--no-raw',
      ...(host === undefined ? [] : [socket ? '-s' : '-h', host]),
      ...(port === undefined || socket ? [] : ['-p', port]),
      ...(db === undefined || db === '0' ? [] : ['-n', db]),
    ]
    this.#env = given({
      REDISCLI_AUTH: (caller.password ?? settings('redis.password')) || undefined,
      LC_ALL: 'C.UTF-8',
    })
    this.#place = `${host ?? '127.0.0.1'}:${port ?? '6379'}`
  }

  /** Asks what changes nothing. @throws TsaltError `database-…` */
  async ask(...words: readonly string[]): Promise<Reply> {
    await this.#program()
    const options = { env: this.#env, timeout: longest, maxOutput: 64 * 1_048_576 }
    return this.#answer(await this.#look.commands.query([...this.#argv, ...words], options))
  }

  /** @param last the last word, told by standard input; @param undo what takes it back; absent: nothing does */
  async change(
    act: Changer,
    words: readonly string[],
    last?: string,
    undo?: readonly UndoStep[],
  ): Promise<Reply> {
    await this.#program()
    const { argv, env, stdin } = this.step(words, last)
    const options = { ...given({ env, stdin, undo }), timeout: longest }
    return this.#answer(await act.commands.run(argv, options))
  }

  step(words: readonly string[], last?: string): UndoStep {
    const argv = last === undefined ? [...this.#argv, ...words] : [...this.#argv, '-x', ...words]
    return { argv, env: this.#env, ...given({ stdin: last }) }
  }

  async #program(): Promise<void> {
    if ((await this.#look.commands.which('redis-cli')) === undefined)
      throw new TsaltError('database-program-missing', { program: 'redis-cli', package: 'redis-tools' })
  }

  #answer({ code, stdout, stderr, timedOut }: CommandResult): Reply {
    const server = 'Redis'
    const place = this.#place
    const reply = parseReply(stdout)
    if (reply instanceof RedisError) {
      const reason = reply.message.trim()
      throw new TsaltError(notLetIn.test(reason) ? 'database-unreachable' : 'database-refused', {
        server,
        place,
        reason,
      })
    }
    if (code === 0) return reply
    const reason = timedOut ? 'no answer in ten minutes' : stderr.trim() || stdout.trim()
    throw new TsaltError('database-unreachable', { server, place, reason })
  }
}

/** A key with all that it holds, as text, so that it can be put back; null: there is no such key. */
const dump = `local d = redis.call('DUMP', KEYS[1]) if not d then return false end return (d:gsub('.', function(c) return string.format('%02x', c:byte()) end))`
const restore = `local d = ARGV[2]:gsub('%x%x', function(h) return string.char(tonumber(h, 16)) end) redis.call('DEL', KEYS[1]) return redis.call('RESTORE', KEYS[1], ARGV[1], d)`

/** What puts a key back as it is now. */
export async function putBack(key: string, server: Redis): Promise<UndoStep> {
  const kept = await server.ask('EVAL', dump, '1', key)
  if (typeof kept !== 'string') return server.step(['DEL', key])
  const life = Math.max(Number(await server.ask('PTTL', key)), 0)
  return server.step(['EVAL', restore, '1', key, String(life)], kept)
}
