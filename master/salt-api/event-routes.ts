/** /events, the stream that Salt's clients read, and /hook/…, through which others put events on the bus. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { decodeValue } from '../../shared/data/codec.ts'
import { type Dict, isDict, type Plain, toValue } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { jsonText } from '../../shared/output/json-text.ts'
import { eventSight } from '../api/event-sight.ts'
import { filtered, withBeats } from '../api/routes/events.ts'
import type { BusEvent } from '../api/schemas.ts'
import { sendFrames } from '../api/stream.ts'
import { bodyBytes, strangersBodyBytes } from '../api/tcp/limits.ts'
import { answer } from './answers.ts'
import { bodyOf } from './bodies.ts'
import { timeStamp } from './master-clients.ts'
import type { SaltContext } from './salt-routes.ts'

/** `tag` is no field of the standard; readers that go by lines look at it first. */
const salted = {
  type: 'text/event-stream; charset=utf-8',
  head: 'retry: 400\n\n',
  frame(document: object): string {
    const event = document as BusEvent
    if (event.type === 'beat') return ': beat\n\n'
    const { tag, at, sequence } = event
    const said = decodeValue(event.data)
    const named: Dict = isDict(said) ? new Map(said) : new Map([['data', said]])
    named.set('_stamp', timeStamp({ now: () => at }))
    return `tag: ${tag}\ndata: ${jsonText(toValue({ tag, data: named }), -1)}\nid: ${sequence}\n\n`
  },
}

export function eventRoutes(scope: FastifyInstance, context: SaltContext): void {
  scope.get('/events', async (request, reply) => {
    const visible = await eventSight(context.access, context.actorOf(request))
    const last = request.headers['last-event-id']
    const since = typeof last === 'string' && /^\d{1,15}$/.test(last) ? Number(last) : undefined
    return sendFrames({ request, reply }, context, salted, (signal) => {
      const matches = (): boolean => true
      return withBeats(
        filtered(context.events.follow({ since, matches, live: true, signal }), visible),
        signal,
      )
    })
  })
}

const step = /^[A-Za-z0-9][\w.-]{0,63}$/
const mostSteps = 16
/** Headers that are secrets, which an event would keep. */
const secret = new Set(['authorization', 'cookie', 'x-auth-token', 'proxy-authorization'])

/** @param isGuarded whether it needs a login, and the right to call `webhook.post` as a runner */
export function hookRoutes(scope: FastifyInstance, context: SaltContext, isGuarded: boolean): void {
  const handle = async (request: FastifyRequest): Promise<Plain> => {
    const path = (request.params as { readonly '*'?: string })['*'] ?? ''
    const steps = path.split('/').filter((part) => part !== '')
    if (steps.length > mostSteps || !steps.every((part) => step.test(part)))
      throw new TsaltError('low-invalid', {
        where: 'the path',
        reason: `letters, digits, ".", "_" and "-" between slashes are wanted, at most ${mostSteps} steps`,
      })
    if (isGuarded) {
      const call = { fun: 'webhook.post', args: [steps.join('/')], kwargs: {} }
      await context.access.require(context.actorOf(request), { kind: 'runner', ...call })
    }
    const { text, value } = bodyOf(request.body)
    const headers = new Map<string, Plain>(
      Object.entries(request.headers)
        .filter(([name]) => !secret.has(name))
        .map(([name, content]) => [headerName(name), String(content).slice(0, 4_096)]),
    )
    headers.set('Remote-Addr', request.ip)
    context.events.fire(['salt/netapi/hook', ...steps].join('/'), { body: text, post: value ?? {}, headers })
    return { success: true }
  }
  const config = { config: { open: !isGuarded }, bodyLimit: isGuarded ? bodyBytes : strangersBodyBytes }
  scope.post('/hook', config, async (request, reply) => answer(request, reply, await handle(request)))
  scope.post('/hook/*', config, async (request, reply) => answer(request, reply, await handle(request)))
}

/** `X-My-Key`, as reactors of Salt look it up. */
const headerName = (name: string): string => name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
