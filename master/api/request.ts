/** Reading what a client sent, with errors that name the field. */
import type { FastifyRequest } from 'fastify'
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import { type JobId, parseJobId } from '../../shared/ids.ts'
import { issueWords } from './issue-words.ts'

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
  throw new TsaltError('request-malformed', { reason: issueWords(schema, value, parsed.issues) })
}

/** @throws TsaltError `jid-invalid` */
export function readJobId(request: FastifyRequest): JobId {
  const { jid } = request.params as { readonly jid?: string }
  return parseJobId(jid ?? '')
}

/** `?limit=N` @param most the greatest number that is taken */
export function pageSize(fallback: number, most: number) {
  const text = `a number from 1 to ${most} is wanted`
  return v.optional(
    v.pipe(
      v.string(text),
      v.regex(/^\d{1,9}$/, text),
      v.transform(Number),
      v.minValue(1, text),
      v.maxValue(most, text),
    ),
    String(fallback),
  )
}
