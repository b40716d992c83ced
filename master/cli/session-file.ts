/** The saved login of `tsalt login`: for its owner alone, refused where somebody else could have read or made it. */
import { unlinkSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import * as v from 'valibot'
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { ensureSecretFolder, readSecretFile, writeSecretFile } from '../../shared/pki/secret-file.ts'
import { parseApiAddress } from './api-address.ts'
import type { Console } from './console.ts'

function isAddress(api: string): boolean {
  try {
    return parseApiAddress(api) !== ''
  } catch {
    // It was not written by a login.
    return false
  }
}

const SavedSession = v.strictObject({
  /** `https://host:port` */
  api: v.pipe(v.string(), v.check(isAddress)),
  /** PEM of the certificates that are trusted there. Absent: those that the system trusts. */
  ca: v.optional(v.string()),
  token: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  user: v.string(),
  eauth: v.string(),
  /** Milliseconds since the epoch. */
  expire: v.pipe(v.number(), v.safeInteger()),
})
export type SavedSession = v.InferOutput<typeof SavedSession>

/** @returns undefined where there is no home to keep it in */
export function sessionPath(env: Console['env']): string | undefined {
  const { XDG_CONFIG_HOME: config, HOME: home } = env
  if (config && isAbsolute(config)) return join(config, 'tsalt/session.json')
  return home && isAbsolute(home) ? join(home, '.config/tsalt/session.json') : undefined
}

/**
 * @returns undefined: there is none
 * @throws TsaltError `secret-file-loose`, `secret-file-unreadable`, `session-file-unusable`
 */
export function readSession(env: Console['env']): SavedSession | undefined {
  const path = sessionPath(env)
  const text = path === undefined ? undefined : readSecretFile(path)
  if (path === undefined || text === undefined) return undefined
  const parsed = checkSession(parseJson(text))
  if (typeof parsed !== 'string') return parsed
  throw new TsaltError('session-file-unusable', { path, reason: parsed })
}

/** @returns the session, or what is wrong with it */
export function checkSession(value: unknown): SavedSession | string {
  const parsed = v.safeParse(SavedSession, value)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const where = v.getDotPath(issue)
  return where === null ? 'it is no session' : `"${where}" is not in order`
}

/** @throws TsaltError `secret-file-loose` of the folder, `secret-file-unwritable`, `session-file-unusable` */
export function writeSession(env: Console['env'], clock: Clock, session: SavedSession): string {
  const path = sessionPath(env)
  if (path === undefined)
    throw new TsaltError('session-file-unusable', {
      path: 'session.json',
      reason: 'neither XDG_CONFIG_HOME nor HOME says where it is',
    })
  ensureSecretFolder(dirname(path))
  writeSecretFile(path, `${JSON.stringify(session, undefined, 2)}\n`, clock, { replace: true })
  return path
}

/** @returns whether there was one */
export function dropSession(env: Console['env']): boolean {
  const path = sessionPath(env)
  if (path === undefined) return false
  try {
    unlinkSync(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw new TsaltError(
      'secret-file-unwritable',
      { path, reason: (error as Error).message },
      { cause: error },
    )
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // No session, which is what is told.
    return undefined
  }
}
