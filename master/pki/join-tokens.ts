/** One-time join tokens: made for an operator, consumed by the minion that they let in. */
import { timingSafeEqual } from 'node:crypto'
import { TsaltError } from '../../shared/errors/error.ts'
import type { MinionId, Sha256 } from '../../shared/ids.ts'
import { hashTokenSecret, makeTokenSecret } from '../../shared/pki/join-token.ts'
import { compileGlob } from '../../shared/targeting/glob.ts'
import type { StoredToken } from '../store/keys.ts'
import type { KeyDesk } from './key-desk.ts'

const longest = 3600
/** Ended tokens are remembered for a day, so that the refusal can say why. */
export const tokenMemory = 86_400_000

/** @returns the secret, which is stored nowhere. @throws TsaltError `token-lifetime-invalid` */
export function makeToken(
  desk: KeyDesk,
  options: { readonly idGlob: string; readonly seconds: number },
  operator: string,
): { readonly secret: string; readonly expires: number } {
  const { idGlob, seconds } = options
  if (!Number.isSafeInteger(seconds) || seconds < 1 || seconds > longest)
    throw new TsaltError('token-lifetime-invalid', { seconds })
  const secret = makeTokenSecret(desk.clock)
  const expires = desk.clock.now() + seconds * 1000
  const token: StoredToken = {
    hash: hashTokenSecret(secret) as Sha256,
    idGlob: idGlob.toLowerCase(),
    expires,
    maker: operator,
    usedBy: undefined,
  }
  desk.store.transaction(() => desk.store.addToken(token))
  desk.audit.record({
    actor: `operator:${operator}`,
    kind: 'token.make',
    verdict: 'allowed',
    subject: idGlob,
  })
  return { secret, expires }
}

/**
 * Consumes a token. Call inside the transaction that signs.
 * @throws TsaltError `token-wrong`, `token-used`, `token-expired`, `token-other-id`
 */
export function redeemToken(desk: KeyDesk, secret: string, id: MinionId): StoredToken {
  const token = findToken(desk.store.tokens(), secret)
  if (token === undefined) throw new TsaltError('token-wrong', {})
  if (token.usedBy !== undefined) throw new TsaltError('token-used', {})
  if (desk.clock.now() >= token.expires) throw new TsaltError('token-expired', {})
  if (!compileGlob(token.idGlob)(id)) throw new TsaltError('token-other-id', { id })
  desk.store.useToken(token.hash, id)
  return token
}

/** Looks at every token and compares in constant time: how long it takes says nothing about any of them. */
function findToken(tokens: readonly StoredToken[], secret: string): StoredToken | undefined {
  const presented = Buffer.from(hashTokenSecret(secret), 'hex')
  let found: StoredToken | undefined
  for (const token of tokens) if (timingSafeEqual(presented, Buffer.from(token.hash, 'hex'))) found = token
  return found
}
