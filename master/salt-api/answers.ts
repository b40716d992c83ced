/** Answers as JSON or YAML, as the client wants them; refusals in one form, with the reason beside the status. */
import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Plain, toValue } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { jsonText } from '../../shared/output/json-text.ts'
import { yamlText } from '../../shared/output/yaml-text.ts'
import { translate } from '../api/app.ts'
import { bodyBytes } from '../api/tcp/limits.ts'

interface Form {
  readonly type: string
  write(answer: Plain): string
}

const json: Form = { type: 'application/json', write: (answer) => jsonText(toValue(answer), -1) }
const yaml: Form = { type: 'application/x-yaml', write: (answer) => yamlText(toValue(answer)) }

const forms: Readonly<Record<string, Form>> = {
  'application/json': json,
  'application/*': json,
  '*/*': json,
  'application/x-yaml': yaml,
  'application/yaml': yaml,
  'text/yaml': yaml,
  'text/x-yaml': yaml,
}

/** The types of an Accept header, the most wanted first. */
export function wantedTypes({ headers }: Pick<FastifyRequest, 'headers'>): readonly string[] {
  const listed = (headers.accept ?? '*/*').split(',').map((part) => {
    // No expression with blanks around ";": very many blanks would take it very long.
    const [type = '', ...traits] = part.split(';').map((word) => word.trim())
    const weight = traits.find((trait) => trait.startsWith('q='))
    return { type: type.toLowerCase(), weight: weight === undefined ? 1 : Number(weight.slice(2)) }
  })
  return listed
    .filter(({ type, weight }) => type !== '' && weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ type }) => type)
}

/** @throws TsaltError `form-unknown` */
export function formOf(request: Pick<FastifyRequest, 'headers'>): Form {
  const wanted = wantedTypes(request)
  for (const type of wanted) {
    const form = Object.hasOwn(forms, type) ? forms[type] : undefined
    if (form !== undefined) return form
  }
  if (wanted.length === 0) return json
  throw new TsaltError('form-unknown', { wanted: wanted.join(', ').slice(0, 100) })
}

export function answer(request: FastifyRequest, reply: FastifyReply, body: Plain): FastifyReply {
  const { type, write } = formOf(request)
  return reply
    .header('content-type', type)
    .header('cache-control', 'private, no-store')
    .send(Buffer.from(write(body)))
}

export function answerErrors(scope: FastifyInstance): void {
  scope.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = translate(thrown, bodyBytes)
    // What is no refusal is logged, and told, where all routes have it done.
    if (!isTsaltError(error)) throw error
    const status = error.httpStatus
    // Salt's clients show nothing of a refusal but its status line.
    reply.raw.statusMessage = statusLine(error.message) || (STATUS_CODES[status] ?? '')
    const { code, message, hint, place } = error
    const body: Plain = { status, return: message, code, hint, place: place && { ...place } }
    let form = json
    try {
      form = formOf(request)
    } catch {
      // It is told in JSON that the form is unknown.
    }
    return reply
      .code(status)
      .header('content-type', form.type)
      .send(Buffer.from(form.write(body)))
  })
}

/** One line of plain ASCII, as a status line has to be. */
const statusLine = (message: string): string =>
  message
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 200)
    .trim()
