/** The address of an API as it is typed: `https://master:4511`, or a name alone. */
import { TsaltError } from '../../shared/errors/error.ts'

const defaultPort = 4511

/**
 * @returns `https://host:port`, always with the port
 * @throws TsaltError `usage-wrong`
 */
export function parseApiAddress(typed: string): string {
  const isUrl = typed.includes('://')
  const url = read(isUrl ? typed : `https://${typed}`)
  if (url === undefined || url.hostname === '') throw wrong(`"${typed}" is no address of an API`)
  if (url.protocol !== 'https:')
    throw wrong(`"${typed}" is not spoken over TLS, and a password would go there`)
  if (url.username !== '' || url.password !== '')
    throw wrong('A name or a password does not belong into --api')
  if ((url.pathname !== '/' && url.pathname !== '') || url.search !== '' || url.hash !== '')
    throw wrong(`"${typed}" is more than an address`)
  // A URL means what it says; a name alone means our own port.
  const port = url.port || (isUrl || /:443$/.test(typed) ? '443' : String(defaultPort))
  return `https://${url.hostname}:${port}`
}

function read(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    // Said by the caller.
    return undefined
  }
}

const wrong = (reason: string): TsaltError =>
  new TsaltError('usage-wrong', { reason }, { hint: 'For example: --api https://master.example.org:4511' })
