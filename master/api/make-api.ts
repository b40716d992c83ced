/** The operator API on a Unix socket. Its peer is trusted as an operator, by the socket's mode. */
import { trusted } from '../auth/actor.ts'
import { makeApp } from './app.ts'
import { operatorOf } from './operator.ts'
import { addRoutes } from './route.ts'
import { apiRoutes } from './routes/registry.ts'
import type { ApiServices } from './services.ts'
import { listenOnSocket } from './unix-socket.ts'

export interface Api {
  /** @throws TsaltError `socket-in-use`, `socket-unusable` */
  listen(socket: string, group?: string): Promise<void>
  /** Ends the streams, lets what is being answered end, removes the socket. */
  close(): Promise<void>
}

export function makeApi(services: ApiServices): Api {
  const stopping = new AbortController()
  let operator = trusted('local')
  const app = makeApp(services.log)
  addRoutes(app, apiRoutes, {
    ...services,
    since: services.clock.now(),
    actorOf: () => operator,
    endOf: () => undefined,
    logins: undefined,
    stopping: stopping.signal,
  })
  return {
    async listen(socket, group = '') {
      await app.ready()
      await listenOnSocket(app.server, socket, group)
      operator = trusted(operatorOf(socket))
    },
    async close() {
      stopping.abort()
      await app.close()
    },
  }
}
