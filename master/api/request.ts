/** Reading what a client sent, with errors that name the field. */
import type { FastifyRequest } from 'fastify'
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import { type JobId, parseJobId } from '../../shared/ids.ts'

/** @throws TsaltError `request-malformed` */
export function readBody<Schema extends v.GenericSchema>(
  schema: Schema,
  request: FastifyRequest,
): v.InferOutput<Schema> {
  if (request.body === undefined || request.body === null)
    throw new TsaltError('request-malformed', { reason: 'it has no body' })
  return read(schema, request.body)
}

export function read<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const where = v.getDotPath(issue)
  throw new TsaltError('request-malformed', {
    reason: where === null ? issue.message : `${where}: ${issue.message}`,
  })
}

/** @throws TsaltError `jid-invalid` */
export function readJobId(request: FastifyRequest): JobId {
  const { jid } = request.params as { readonly jid?: string }
  return parseJobId(jid ?? '')
}

/** `?limit=N` */
export function readLimit(request: FastifyRequest, fallback: number, most: number): number {
  const { limit } = request.query as { readonly limit?: unknown }
  if (limit === undefined) return fallback
  const number = typeof limit === 'string' && /^\d{1,9}$/.test(limit) ? Number(limit) : 0
  if (number < 1 || number > most)
    throw new TsaltError('request-malformed', { reason: `limit: a number from 1 to ${most} is wanted` })
  return number
}
