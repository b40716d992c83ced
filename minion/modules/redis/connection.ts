/** Arguments that all functions of `redis` take: which server. */
import { optional } from '../../../shared/schema/argument.ts'
import { text, whole } from '../../../shared/schema/scalars.ts'
import { Redis } from '../../databases/redis/client.ts'
import type { ModuleContext } from '../contract.ts'

export const connection = {
  host: optional(
    text,
    'Host of the server, or its socket. Default: `redis.host` of configuration or pillar, else this machine.',
  ),
  port: optional(whole, 'Its port. Default: `redis.port`, else 6379.'),
  db: optional(whole, 'Number of the database. Default: `redis.db`, else 0.'),
  password: optional(text, 'Password. Default: `redis.password`.'),
}

export interface RedisCall {
  readonly host?: string
  readonly port?: number
  readonly db?: number
  readonly password?: string
}

export const serverOf = ({ host, port, db, password }: RedisCall, { look, config }: ModuleContext): Redis =>
  new Redis(
    Object.fromEntries(
      Object.entries({ host, port, db, password }).filter(([, value]) => value !== undefined),
    ),
    look,
    config,
  )
