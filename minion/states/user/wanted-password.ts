/** The password of user.present as the shadow file is to have it: a hash, locked (behind a `!`) or not. */
import { systemClock } from '../../../shared/clock.ts'
import type { PresentArguments } from './present-arguments.ts'
import { isSha512Crypt, sha512Crypt } from './sha512-crypt.ts'

export interface PasswordWish {
  /** What the shadow file is to have; undefined: it stays. */
  readonly hash: string | undefined
  /** Another password, not only a lock. */
  readonly changes: boolean
  /** It becomes locked or unlocked on request; undefined: it does not. */
  readonly lock: boolean | undefined
}

const isLocked = (hash: string): boolean => hash.startsWith('!')
const unlocked = (hash: string): string => hash.replace(/^!+/, '')

/** @param now the hash of the user; `!` of a new one */
export function passwordWish(wanted: PresentArguments, now: string): PasswordWish {
  const asked = askedFor(wanted, now)
  const target = withLock(wanted.password_lock, asked, now)
  if (target === now) return { hash: undefined, changes: false, lock: undefined }
  const locks = wanted.password_lock !== undefined && isLocked(target) !== isLocked(now)
  return {
    hash: target,
    changes: unlocked(target) !== unlocked(now) || !locks,
    lock: locks ? isLocked(target) : undefined,
  }
}

function withLock(lock: boolean | undefined, asked: string | undefined, now: string): string {
  const base = asked ?? now
  if (lock === undefined) return base
  if (lock) return isLocked(base) ? base : `!${base}`
  // Without a password there is nothing to unlock: an empty one would let everybody in.
  return unlocked(base) === '' && asked !== '' ? now : unlocked(base)
}

/** undefined: the password of now stays. */
function askedFor(wanted: PresentArguments, now: string): string | undefined {
  const { password, empty_password, enforce_password, hash_password } = wanted
  const isSet = !['!', '!!', '*'].includes(now)
  if (!enforce_password && isSet) return undefined
  if (empty_password) return ''
  if (password === undefined || !hash_password) return password
  const bare = unlocked(now)
  return isSha512Crypt(password, bare) ? bare : sha512Crypt(password, `$6$${systemClock.randomHex(8)}`)
}
