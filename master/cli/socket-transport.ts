/** To the master over its Unix socket. */
import { readFileSync, statSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { TsaltError } from '../../shared/errors/error.ts'
import { type Ask, apiPrefix, type MasterTransport, uncertainOf } from './master-transport.ts'

export function socketTransport(socket: string): MasterTransport {
  const failed = (ask: Ask, error: NodeJS.ErrnoException): Error => connectionError(socket, ask, error)
  return { where: socket, failed, send: (ask) => send(socket, ask, failed) }
}

function send(
  socket: string,
  ask: Ask,
  failed: (ask: Ask, error: NodeJS.ErrnoException) => Error,
): Promise<IncomingMessage> {
  const { method, path, body, signal } = ask
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    const options: RequestOptions & { readonly servername: string } = {
      socketPath: socket,
      method,
      path: apiPrefix + path,
      agent: false,
      // Otherwise Node looks whether the host is an address, which costs 4 ms.
      servername: '',
      headers: {
        host: 'tsalt',
        ...(payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {}),
      },
      ...(signal ? { signal } : {}),
    }
    const outgoing = httpRequest(options, resolve)
    outgoing.on('error', (error: NodeJS.ErrnoException) => reject(failed(ask, error)))
    outgoing.end(payload)
  })
}

function connectionError(socket: string, ask: Ask, error: NodeJS.ErrnoException): Error {
  const { code } = error
  if (code === 'EACCES' || code === 'EPERM') {
    return new TsaltError('master-socket-denied', { socket, group: groupOf(socket) }, { cause: error })
  }
  const uncertain = uncertainOf(ask, error)
  if (uncertain !== undefined) return uncertain
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such socket',
    ECONNREFUSED: 'nobody listens on it',
    ENOTSOCK: 'it is not a socket',
    ECONNRESET: 'the connection broke',
    EPIPE: 'the connection broke',
  }
  const reason = reasons[code ?? ''] ?? error.message
  const hint =
    code === 'ENOENT'
      ? `Look at it with: systemctl status tsalt-master. Another configuration: --config-dir or --root-dir. A master elsewhere: tsalt login NAME --api https://HOST:4511`
      : undefined
  return new TsaltError(
    'master-down',
    { socket, reason },
    { cause: error, ...(hint === undefined ? {} : { hint }) },
  )
}

/** The group that may use a socket: its name where /etc/group knows it. */
function groupOf(socket: string): string {
  try {
    const { gid } = statSync(socket)
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((entry) => entry.split(':')[2] === String(gid))
    return line?.split(':')[0] ?? String(gid)
  } catch {
    // Its folder is closed too.
    return 'tsalt'
  }
}
