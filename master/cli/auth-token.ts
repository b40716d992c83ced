/** `tsalt auth token`: logins for programs. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { AuthSession } from './auth-program.ts'
import { minuteOf, showTable } from './auth-table.ts'

interface Token {
  readonly id: string
  readonly user: string
  readonly eauth: string
  readonly made: number
  readonly expires: number
  readonly note: string
  readonly [field: string]: string | number
}

export async function authToken(
  { client, console, options }: AuthSession,
  words: readonly string[],
): Promise<number> {
  const [verb = 'list', subject, ...more] = words
  if (more.length > 0 || (verb === 'list') !== (subject === undefined))
    throw wrong(verb === 'list' ? '"token list" takes nothing more' : `"token ${verb}" takes one word more`)
  if (verb === 'list') {
    const tokens = await client.get<Token[]>('/auth/tokens')
    showTable(console, options, tokens, {
      empty: 'Nobody is logged in.',
      heads: ['ID', 'USER', 'BY', 'UNTIL', 'NOTE'],
      cells: ({ id, user, eauth, expires, note }) => [id, user, eauth, minuteOf(expires), note],
    })
    return 0
  }
  if (verb === 'make') {
    const wish = { user: subject, seconds: options.ttl, note: options.note }
    const { token, expires } = await client.post<{ token: string; expires: number }>('/auth/tokens', wish)
    console.out(`${token}\n`)
    console.err(
      `It is a secret, shown this once, and good until ${minuteOf(expires)}. Send it as X-Auth-Token.\n`,
    )
    return 0
  }
  if (verb !== 'revoke') throw wrong(`There is no "tsalt auth token ${verb}"`)
  await client.remove(`/auth/tokens/${encodeURIComponent(subject ?? '')}`)
  console.out(`Token ${subject} is worth nothing any more.\n`)
  return 0
}

const wrong = (reason: string): TsaltError =>
  new TsaltError('usage-wrong', { reason }, { hint: 'tsalt auth token: list, make USER, revoke ID' })
