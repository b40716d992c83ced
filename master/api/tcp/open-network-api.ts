/** The API over the network: opened where a certificate and rules of who may do what are configured. */
import { resolve } from 'node:path'
import type { FastifyServerOptions } from 'fastify'
import type { ApiOptions } from '../../../shared/config/api-options.ts'
import type { MasterOptions } from '../../../shared/config/master-options.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import type { Authenticator } from '../../auth/authenticator.ts'
import { addSaltApi } from '../../salt-api/add-salt-api.ts'
import type { MasterSetup, Stops } from '../../setup.ts'
import { makeApp } from '../app.ts'
import { makeLogins } from '../logins.ts'
import type { ApiNeeds } from '../open-operator-socket.ts'
import { addRoutes } from '../route.ts'
import { networkRoutes } from '../routes/registry.ts'
import type { RouteContext } from '../services.ts'
import { addGate } from './gate.ts'
import { identify } from './identify.ts'
import { bodyBytes } from './limits.ts'
import { listenOn } from './listen.ts'
import { StreamEnds } from './stream-ends.ts'
import { type ApiServer, makeTlsServer } from './tls-server.ts'

export interface NetworkNeeds extends ApiNeeds {
  readonly authenticator: Authenticator
  /** PEM of the CA that signs operators' certificates. */
  readonly authority: string
}

export interface OpenApi {
  readonly host: string
  readonly port: number
}

/** @returns undefined: the option `api` is not set. @throws TsaltError `api-unusable`, `listen-failed`, `secret-file-loose` */
export async function openNetworkApi(
  setup: MasterSetup,
  needs: NetworkNeeds,
  stops: Stops,
): Promise<OpenApi | undefined> {
  const { options, clock, logger } = setup
  if (options.api === null) return undefined
  requireRules(options)
  const api = placed(options.api, options.root_dir)
  const stopping = new AbortController()
  let tls: ApiServer | undefined
  const serverFactory: FastifyServerOptions['serverFactory'] = (handler) => {
    tls = makeTlsServer(api, needs.authority, logger, handler)
    return tls.server
  }
  const app = makeApp(logger, { serverFactory, bodyLimit: bodyBytes })
  stops.push(async () => {
    stopping.abort()
    // What is being answered is answered; then those connections end, too, that are kept for a next request.
    await app.close()
    await tls?.stop()
  })
  const { authenticator } = needs
  const gate = addGate(app, authenticator, clock)
  const ends = new StreamEnds(async (_identity, request) => (await identify(authenticator, request))?.actor)
  setup.settings.follow((next) => {
    requireRules(next)
    return () => ends.lookAgain()
  })
  const context: RouteContext = {
    ...needs,
    options,
    clock,
    log: logger,
    since: clock.now(),
    actorOf: (request) => gate.identityOf(request).actor,
    endOf: (request, reply) => ends.of(gate.identityOf(request), request, reply),
    logins: makeLogins(authenticator, (token) => ends.loggedOut(token)),
    stopping: stopping.signal,
  }
  addRoutes(app, networkRoutes, context)
  await addSaltApi(app, context, api)
  await app.ready()
  const address = await listenOn(app.server, api)
  logger.info({ address }, 'the API is open')
  return address
}

/** Without rules nobody who logs in may do anything: a port that is open to no end. */
function requireRules(options: MasterOptions): void {
  if (options.access !== null || options.external_auth !== null) return
  throw new TsaltError(
    'api-unusable',
    { reason: 'nobody may do anything with it: there are no rules' },
    {
      hint: 'Write who may do what into the option access or external_auth; docs/guide/access.md shows how.',
    },
  )
}

/** Relative paths are below root_dir. */
function placed(api: ApiOptions, root: string): ApiOptions {
  const below = (path: string): string => resolve(root, path)
  return {
    ...api,
    certificate: below(api.certificate),
    key: below(api.key),
    ...(api.app === undefined ? {} : { app: below(api.app) }),
    ...(api.static === undefined ? {} : { static: below(api.static) }),
  }
}
