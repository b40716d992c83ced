/** Listening on an address and port, with a reason in words where that fails. */
import type { Server } from 'node:net'
import { TsaltError } from '../../../shared/errors/error.ts'

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has that port',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this is no address',
}

/** @returns where it listens. @throws TsaltError `listen-failed` */
export function listenOn(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<{ readonly host: string; readonly port: number }> {
  return new Promise((done, failed) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const reason = reasons[error.code ?? ''] ?? error.message
      const hint = 'The options are api: host and api: port.'
      failed(new TsaltError('listen-failed', { address: `${host}:${port}`, reason }, { cause: error, hint }))
    }
    server.once('error', fail)
    server.listen({ host, port, backlog: 511 }, () => {
      server.off('error', fail)
      const address = server.address()
      done({ host, port: address !== null && typeof address === 'object' ? address.port : port })
    })
  })
}
