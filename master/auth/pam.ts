/**
 * Asks PAM whether a password is right, through saslauthd: a small daemon that runs as root for exactly this, so that
 * the master needs neither root nor a set-uid program. The password goes over its socket, never into argv or a shell.
 */
import { connect } from 'node:net'
import { TsaltError } from '../../shared/errors/error.ts'

export interface PamPlace {
  /** Of saslauthd: `/run/saslauthd/mux`. */
  readonly socket: string
  /** Name of the file in /etc/pam.d. */
  readonly service: string
}

const patience = 10_000
const longestField = 1_024

/** @throws TsaltError `pam-unanswered` */
export async function askPam(
  { socket, service }: PamPlace,
  user: string,
  password: string,
): Promise<boolean> {
  const fields = [user, password, service, '']
  // A NUL would end the name for PAM and not for us.
  if (fields.some((field) => field.includes('\0') || Buffer.byteLength(field) > longestField)) return false
  const said = await exchange(socket, Buffer.concat(fields.map(counted)))
  if (said.startsWith('OK')) return true
  if (said.startsWith('NO')) return false
  throw new TsaltError('pam-unanswered', { socket, reason: 'its answer is neither OK nor NO' })
}

/** Two bytes of length, then the text. */
function counted(text: string): Buffer {
  const body = Buffer.from(text)
  const head = Buffer.alloc(2)
  head.writeUInt16BE(body.length)
  return Buffer.concat([head, body])
}

function exchange(socket: string, question: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const failed = (reason: string): void => {
      peer.destroy()
      reject(new TsaltError('pam-unanswered', { socket, reason }))
    }
    let got = Buffer.alloc(0)
    const peer = connect(socket, () => peer.write(question))
    peer.setTimeout(patience, () => failed(`no answer within ${patience / 1000} seconds`))
    peer.on('error', (error) => failed(error.message))
    peer.on('close', () => failed('it closed the connection'))
    peer.on('data', (chunk) => {
      got = Buffer.concat([got, chunk])
      const length = got.length < 2 ? longestField : got.readUInt16BE(0)
      if (got.length > longestField + 2) failed('its answer is too long')
      else if (got.length >= length + 2) {
        resolve(got.subarray(2, length + 2).toString('latin1'))
        peer.destroy()
      }
    })
  })
}
