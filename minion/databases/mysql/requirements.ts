/** How a user of MySQL or MariaDB has to connect: encrypted, with a certificate. */
import { isList, type Value } from '../../../shared/data/value.ts'
import { readMapping } from '../../../shared/schema/collections.ts'
import { readFlag, readText } from '../../../shared/schema/scalars.ts'
import type { Mysql } from './client.ts'
import { account, literal } from './sql-text.ts'

/** As columns of mysql.user keep it. */
export interface Requirements {
  /** `NONE`, `ANY` (SSL), `X509`, `SPECIFIED` */
  readonly type: string
  readonly subject: string
  readonly issuer: string
  readonly cipher: string
}

const nothing: Requirements = { type: 'NONE', subject: '', issuer: '', cipher: '' }

/** @returns undefined: nothing is said; a text: why it cannot be read */
export function readRequirements(value: Value | undefined): Requirements | string | undefined {
  if (value === undefined || value === null || readFlag(value) === false) return undefined
  if (readFlag(value) === true) return { ...nothing, type: 'ANY' }
  const wanted = isList(value) || value instanceof Map ? readMapping(value) : undefined
  if (!wanted) return 'a list of SSL, X509, SUBJECT, ISSUER and CIPHER is expected'
  let found = nothing
  for (const [key, given] of wanted) {
    const word = String(key).toUpperCase()
    if (word === 'SSL' || word === 'X509') {
      if (readFlag(given) === true && found.type !== 'X509')
        found = { ...found, type: word === 'SSL' ? 'ANY' : 'X509' }
    } else if (word === 'SUBJECT' || word === 'ISSUER' || word === 'CIPHER') {
      found = { ...found, type: 'SPECIFIED', [word.toLowerCase()]: readText(given) ?? '' }
    } else return `${word} is none of SSL, X509, SUBJECT, ISSUER and CIPHER`
  }
  return found
}

function clause({ type, subject, issuer, cipher }: Requirements): string {
  if (type === 'ANY') return 'REQUIRE SSL'
  if (type === 'X509') return 'REQUIRE X509'
  if (type !== 'SPECIFIED') return 'REQUIRE NONE'
  const parts = [
    subject === '' ? '' : `SUBJECT ${literal(subject)}`,
    issuer === '' ? '' : `ISSUER ${literal(issuer)}`,
    cipher === '' ? '' : `CIPHER ${literal(cipher)}`,
  ]
  return `REQUIRE ${parts.filter((part) => part !== '').join(' AND ')}`
}

/** @returns the SQL that makes it so and the one that takes it back; undefined: it is so already */
export async function requirementsText(
  user: string,
  host: string,
  wanted: Requirements | string | undefined,
  server: Mysql,
): Promise<{ readonly to: string; readonly back: string } | undefined> {
  if (wanted === undefined || typeof wanted === 'string') return undefined
  const [row] = await server.rows(
    'how it connects',
    `SELECT ssl_type, x509_subject, x509_issuer, ssl_cipher FROM mysql.user WHERE User = ${literal(user)} AND Host = ${literal(host)}`,
  )
  const now: Requirements = {
    type: row?.get('ssl_type') || 'NONE',
    subject: row?.get('x509_subject') ?? '',
    issuer: row?.get('x509_issuer') ?? '',
    cipher: row?.get('ssl_cipher') ?? '',
  }
  if (clause(now) === clause(wanted)) return undefined
  const of = `ALTER USER ${account(user, host)}`
  return { to: `${of} ${clause(wanted)};`, back: `${of} ${clause(now)};` }
}
