/** Execution module `http`: asks a web server. */
import * as v from 'valibot'
import { type Dict, isDict, type Plain, toPlain, type Value } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything, mapping } from '../../shared/schema/collections.ts'
import { choice, flag, nonEmptyText, seconds, text } from '../../shared/schema/scalars.ts'
import { execFunction, execModule } from './contract.ts'
import { fetchUrl } from './fetch-url.ts'

const query = v.strictObject({
  url: needed(nonEmptyText, 'An `http://` or `https://` address.'),
  method: defaulted(text, 'GET', 'Of the request.'),
  params: optional(mapping, 'Parameters put behind the URL.'),
  data: optional(anything, 'Body: a text, or a mapping sent as a form.'),
  header_dict: optional(mapping, 'Headers of the request.'),
  username: optional(text, 'For basic authentication.'),
  password: optional(text, 'For basic authentication.'),
  decode: defaulted(flag, false, 'The answer has `dict`, the body as data.'),
  decode_type: defaulted(choice(['auto', 'json', 'yaml', 'plain']), 'auto', 'How the body is read.'),
  text: defaulted(flag, false, 'The answer has `text`.'),
  status: defaulted(flag, false, 'The answer has `status`, a number.'),
  headers: defaulted(flag, false, 'The answer has `headers`.'),
  timeout: defaulted(seconds, 30, 'Seconds for the whole request.'),
  raise_error: defaulted(flag, true, 'Accepted: an error is in the answer, under `error`.'),
  backend: optional(text, 'Accepted and not used.'),
  opts: optional(anything, 'Accepted and not used.'),
})
type Query = v.InferOutput<typeof query>

function addressOf({ url, params }: Query): string {
  const address = new URL(url)
  for (const [name, value] of params ?? []) address.searchParams.append(String(name), String(value))
  return address.href
}

function headersOf({ header_dict, username, password }: Query): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of header_dict ?? []) headers[String(name)] = String(value)
  if (username !== undefined)
    headers.authorization = `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`
  return headers
}

function bodyOf(data: Value | undefined): string | URLSearchParams | undefined {
  if (data === undefined || data === null) return undefined
  if (!isDict(data)) return typeof data === 'string' ? data : JSON.stringify(toPlain(data))
  return new URLSearchParams(
    [...data].map(([name, value]): [string, string] => [String(name), String(value)]),
  )
}

async function decoded(body: string, type: Query['decode_type'], contentType: string): Promise<Value> {
  const isJson = type === 'json' || (type === 'auto' && /json/.test(contentType))
  if (type === 'plain') return body
  if (isJson || /^\s*[[{]/.test(body)) JSON.parse(body)
  const { loadYaml } = await import('../../shared/render/yaml.ts')
  return loadYaml(body, 'the answer')
}

async function ask(given: Query, signal: AbortSignal): Promise<Dict | Record<string, Plain>> {
  const answer: Record<string, Plain> = {}
  try {
    const body = bodyOf(given.data)
    const got = await fetchUrl(addressOf(given), {
      method: given.method,
      headers: headersOf(given),
      ...(body === undefined ? {} : { body }),
      timeout: given.timeout * 1000,
      signal,
    })
    const content = Buffer.from(got.content).toString('utf8')
    if (given.status) answer.status = got.status
    if (given.headers) answer.headers = got.headers
    if (given.text) answer.text = content
    if (got.status >= 400) {
      answer.status = got.status
      answer.error = `HTTP ${got.status}: ${got.reason}`
    }
    answer.body = content
    if (given.decode && got.status < 400)
      answer.dict = await decoded(content, given.decode_type, got.headers['content-type'] ?? '')
  } catch (error) {
    answer.error = describeError(error)
  }
  return answer
}

export const httpModule = execModule({
  summary: 'Asks web servers.',
  functions: {
    query: execFunction({
      summary:
        'What a web server answers: `body`, and `dict`, `text`, `status`, `headers` as wished; `error`.',
      args: query,
      examples: ['tsalt web1 http.query https://example.com/version.json decode=True'],
      readOnly: false,
      whileRendering: true,
      run: async (given, { job }) => ask(given, job.signal),
    }),
  },
})
