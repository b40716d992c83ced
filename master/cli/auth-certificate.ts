/** `tsalt auth certificate`: client certificates. The key is made here and never leaves this machine. */
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'
import { writeSecretFile } from '../../shared/pki/secret-file.ts'
import type { IssuedCertificate } from '../auth/operator-desk.ts'
import type { AuthSession } from './auth-program.ts'
import { minuteOf, showTable } from './auth-table.ts'

interface Certificate {
  readonly serial: string
  readonly name: string
  readonly made: number
  readonly expires: number
  readonly revoked: number
  readonly [field: string]: string | number
}

export async function authCertificate(session: AuthSession, words: readonly string[]): Promise<number> {
  const { client, console, options } = session
  const [verb = 'list', subject, ...more] = words
  if (more.length > 0 || (verb === 'list') !== (subject === undefined))
    throw wrong(
      verb === 'list' ? '"certificate list" takes nothing more' : `"certificate ${verb}" takes one word more`,
    )
  if (verb === 'list') {
    const now = console.clock.now()
    const found = await client.get<Certificate[]>('/auth/certificates')
    showTable(console, options, found, {
      empty: 'No operator has a certificate.',
      heads: ['SERIAL', 'NAME', 'UNTIL', 'STATE'],
      cells: ({ serial, name, expires, revoked }) => [
        serial,
        name,
        minuteOf(expires),
        revoked !== undefined ? 'revoked' : expires <= now ? 'expired' : 'good',
      ],
    })
    return 0
  }
  if (verb === 'make' && subject !== undefined) return make(session, subject)
  if (verb !== 'revoke') throw wrong(`There is no "tsalt auth certificate ${verb}"`)
  await client.remove(`/auth/certificates/${encodeURIComponent(subject ?? '')}`)
  console.out(`Certificate ${subject} is worth nothing any more.\n`)
  return 0
}

async function make({ client, console, options }: AuthSession, name: string): Promise<number> {
  const folder = resolve(options.folder ?? '.')
  const files = { key: join(folder, `${name}.key`), certificate: join(folder, `${name}.crt`) }
  for (const file of Object.values(files))
    if (existsSync(file)) throw wrong(`There is a file ${file} already`)
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const wish = {
    name,
    days: options.days,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
  const issued = await client.post<IssuedCertificate>('/auth/certificates', wish)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { clock } = console
  writeSecretFile(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }), clock)
  writeSecretFile(files.certificate, issued.certificate, clock)
  writeSecretFile(join(folder, 'ca.crt'), issued.authority, clock, { replace: true })
  console.out(`${files.key}\n${files.certificate}\n${join(folder, 'ca.crt')}\n`)
  console.err(
    `${name} is whoever has the key, until ${minuteOf(issued.expires)}. To end it: tsalt auth certificate revoke ${issued.serial}\n`,
  )
  return 0
}

const wrong = (reason: string): TsaltError =>
  new TsaltError(
    'usage-wrong',
    { reason },
    { hint: 'tsalt auth certificate: list, make NAME, revoke SERIAL' },
  )
