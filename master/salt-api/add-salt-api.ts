/** salt-api's own routes, so that what speaks with Salt's rest_cherrypy speaks with tsalt. */
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from '../../shared/config/api-options.ts'
import type { RouteContext } from '../api/services.ts'
import { answerErrors } from './answers.ts'
import { readBodies } from './bodies.ts'
import { eventRoutes, hookRoutes } from './event-routes.ts'
import { lookRoutes } from './look-routes.ts'
import { commandRoutes, loginRoutes, type SaltContext, welcome } from './salt-routes.ts'
import { pageSender, staticRoutes, wantsPage } from './static-files.ts'
import { statsRoute } from './stats.ts'

/** @throws TsaltError `api-unusable` */
export async function addSaltApi(
  app: FastifyInstance,
  context: RouteContext,
  api: ApiOptions,
): Promise<void> {
  const { logins } = context
  if (logins === undefined) return
  const salted: SaltContext = { ...context, logins }
  const sendPage = pageSender(api)
  await app.register((scope, _options, done) => {
    readBodies(scope)
    answerErrors(scope)
    scope.get('/', { config: { open: true } }, async (request, reply) =>
      sendPage !== undefined && wantsPage(request) ? sendPage(reply) : welcome(request, reply),
    )
    commandRoutes(scope, salted)
    loginRoutes(scope, salted)
    lookRoutes(scope, salted)
    eventRoutes(scope, salted)
    hookRoutes(scope, salted, api.webhook_auth)
    statsRoute(app, scope, salted)
    staticRoutes(scope, api, logins.eauths)
    done()
  })
}
