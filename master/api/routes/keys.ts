/** /api/v1/keys and /api/v1/tokens: who may be a minion. */
import type { FastifyInstance } from 'fastify'
import type * as v from 'valibot'
import { parseFingerprint } from '../../../shared/ids.ts'
import type { KeyAction } from '../../pki/key-service.ts'
import { readBody } from '../request.ts'
import { KeyRequest, TokenRequest } from '../schemas.ts'
import type { RouteContext } from '../services.ts'

export function keyRoutes(app: FastifyInstance, context: RouteContext): void {
  const { keys } = context

  app.get('/api/v1/keys', async () => ({ keys: keys.list(), masterFingerprint: keys.masterFingerprint() }))

  app.post('/api/v1/keys/preview', async (request) => keys.preview(actionOf(readBody(KeyRequest, request))))

  app.post('/api/v1/keys', async (request) => {
    const action = actionOf(readBody(KeyRequest, request))
    const rows = keys.act(action, context.actorOf(request).name)
    for (const { id, fingerprint } of rows)
      context.events.fire('salt/key', { id, act: action.action, finger: fingerprint, result: true })
    return rows
  })

  app.post('/api/v1/tokens', async (request) => {
    const { idGlob, seconds, host } = readBody(TokenRequest, request)
    return keys.makeToken(
      { idGlob, seconds, ...(host === undefined ? {} : { host }) },
      context.actorOf(request).name,
    )
  })
}

function actionOf({ action, match, fingerprint, ...more }: v.InferOutput<typeof KeyRequest>): KeyAction {
  return {
    action,
    match,
    ...(fingerprint === undefined ? {} : { fingerprint: parseFingerprint(fingerprint) }),
    ...(more.includeRejected === undefined ? {} : { includeRejected: more.includeRejected }),
    ...(more.includeDenied === undefined ? {} : { includeDenied: more.includeDenied }),
    ...(more.includeAccepted === undefined ? {} : { includeAccepted: more.includeAccepted }),
  }
}
