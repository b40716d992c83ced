/** http.*: asks a server at every run, and wants an answer that is as it should be. */
import { setTimeout as pause } from 'node:timers/promises'
import * as v from 'valibot'
import { isDict, isList, toPlain, type Value } from '../../shared/data/value.ts'
import { isTsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything, mapping } from '../../shared/schema/collections.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { choice, flag, nonEmptyText, readText, seconds, text } from '../../shared/schema/scalars.ts'
import type { Changer } from '../system/changer.ts'
import type { HttpAnswer, HttpRequest } from '../system/http-port.ts'
import { type Applied, type ArgumentRefusal, drift, stateFunction, stateModule } from './contract.ts'
import { given } from './given.ts'

const entries = {
  name: needed(nonEmptyText, 'The `http://` or `https://` address.'),
  match: optional(text, 'What the body has to hold.'),
  match_type: defaulted(choice(['string', 'pcre']), 'string', '`pcre`: `match` is a regular expression.'),
  status: optional(anything, 'The code that is wanted: `200`; or several.'),
  status_type: defaulted(
    choice(['string', 'list', 'pcre']),
    'string',
    '`list`: one of several; `pcre`: a regular expression.',
  ),
  method: defaulted(text, 'GET', 'Of the request.'),
  params: optional(mapping, 'Parameters put behind the URL.'),
  data: optional(anything, 'Body: a text, or a mapping sent as a form.'),
  header_dict: optional(mapping, 'Headers of the request.'),
  username: optional(text, 'For basic authentication.'),
  password: optional(text, 'For basic authentication.'),
  timeout: defaulted(seconds, 30, 'Seconds for one request.'),
  verify_ssl: defaulted(flag, true, 'False: take any certificate.'),
  ca_bundle: optional(absolutePath, 'File of those who sign servers.'),
  cert: optional(absolutePath, 'File of our own certificate.'),
  key: optional(absolutePath, 'File of its key.'),
  opts: optional(anything, 'Accepted; `http_request_timeout` is taken for `timeout`.'),
  backend: optional(text, 'Accepted and not used.'),
  raise_error: optional(flag, 'Accepted and not used.'),
  decode: optional(flag, 'Accepted and not used.'),
  text: optional(flag, 'Accepted and not used.'),
}
const queryArgs = v.strictObject(entries)
const waitArgs = v.strictObject({
  ...entries,
  wait_for: defaulted(seconds, 300, 'Seconds until it is given up.'),
  request_interval: optional(seconds, 'Seconds between two requests; default 1.'),
})
type Query = v.InferOutput<typeof queryArgs>

function refuse({
  name,
  match,
  match_type,
  status,
  status_type,
  method,
}: Query): ArgumentRefusal | undefined {
  if (!/^https?:\/\/[^\s/]/.test(name) || !URL.canParse(name))
    return { argument: 'name', reason: `"${name}" is not an http:// or https:// address` }
  if (match === undefined && status === undefined)
    return { argument: 'match', reason: 'either match or status is needed' }
  if (!/^[A-Za-z]+$/.test(method)) return { argument: 'method', reason: `"${method}" is not a method` }
  if (match_type === 'pcre' && expression(match ?? '') === undefined)
    return { argument: 'match', reason: 'it is not a regular expression' }
  if (
    status !== undefined &&
    statusesOf(status).some((code) =>
      status_type === 'pcre' ? expression(code) === undefined : !/^\d{3}$/.test(code),
    )
  )
    return { argument: 'status', reason: 'a code such as 200 is expected' }
  return undefined
}

function expression(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 's')
  } catch {
    return undefined
  }
}

const statusesOf = (status: Value): string[] =>
  (isList(status) ? status : [status]).map((one) => readText(one) ?? '?')

function requestOf(wanted: Query): HttpRequest {
  const url = new URL(wanted.name)
  for (const [key, value] of wanted.params ?? []) url.searchParams.append(String(key), readText(value) ?? '')
  const headers: Record<string, string> = {}
  for (const [key, value] of wanted.header_dict ?? [])
    headers[String(key).toLowerCase()] = readText(value) ?? ''
  if (wanted.username !== undefined)
    headers['authorization'] =
      `Basic ${Buffer.from(`${wanted.username}:${wanted.password ?? ''}`).toString('base64')}`
  if (isDict(wanted.data ?? null)) headers['content-type'] ??= 'application/x-www-form-urlencoded'
  const limit = isDict(wanted.opts ?? null)
    ? (wanted.opts as Map<unknown, Value>).get('http_request_timeout')
    : undefined
  return given({
    url: url.href,
    method: wanted.method.toUpperCase(),
    headers,
    body: bodyOf(wanted.data),
    timeout: (typeof limit === 'number' ? limit : wanted.timeout) * 1000,
    verify: wanted.verify_ssl,
    ca: wanted.ca_bundle,
    certificate: wanted.cert,
    key: wanted.key,
  }) as HttpRequest
}

function bodyOf(data: Value | undefined): string | undefined {
  if (data === undefined || data === null) return undefined
  if (!isDict(data)) return typeof data === 'string' ? data : JSON.stringify(toPlain(data))
  return new URLSearchParams(
    [...data].map(([key, value]): [string, string] => [String(key), readText(value) ?? '']),
  ).toString()
}

interface Verdict {
  readonly ok: boolean
  readonly comment: string
}

async function ask(wanted: Query, act: Changer): Promise<Verdict> {
  const request = requestOf(wanted)
  const looks = request.method === 'GET' || request.method === 'HEAD'
  try {
    return judge(wanted, await (looks ? act.look.http.ask(request) : act.http.send(request)))
  } catch (error) {
    if (isTsaltError(error) && error.code === 'url-unreachable') return { ok: false, comment: error.message }
    throw error
  }
}

function judge(wanted: Query, answer: HttpAnswer): Verdict {
  const said: [boolean, string][] = []
  if (wanted.match !== undefined) {
    const body = Buffer.from(answer.body).toString('utf8')
    const found =
      wanted.match_type === 'pcre'
        ? expression(wanted.match)?.test(body) === true
        : body.includes(wanted.match)
    said.push([found, `Match text "${wanted.match}" was ${found ? '' : 'not '}found.`])
  }
  if (wanted.status !== undefined) {
    const code = String(answer.status)
    const wishes = statusesOf(wanted.status)
    const found = wishes.some((one) =>
      wanted.status_type === 'pcre' ? expression(one)?.test(code) : one === code,
    )
    said.push([
      found,
      found
        ? `Status ${code} was found.`
        : `Status ${wishes.join(', ')} was not found: the server answers ${code}.`,
    ])
  }
  return { ok: said.every(([ok]) => ok), comment: said.map(([, words]) => words).join(' ') }
}

const would = (wanted: Query): string => `${wanted.method.toUpperCase()} ${wanted.name} would be asked`

const query = stateFunction({
  summary: 'Asks a server, and fails where the answer is not as wanted.',
  args: queryArgs,
  repeats: true,
  examples: ['https://example.org/health:\n  http.query:\n    - status: 200\n    - match: ok\n'],
  refuse,
  check: async (wanted) =>
    drift({}, { would: would(wanted), done: '' }, async (act): Promise<Applied> => ask(wanted, act)),
})

const wait = stateFunction({
  summary: 'Asks a server until the answer is as wanted, or the time is over.',
  args: waitArgs,
  repeats: true,
  examples: [
    'http://localhost:8080/:\n  http.wait_for_successful_query:\n    - status: 200\n    - request_interval: 5\n    - wait_for: 60\n',
  ],
  refuse,
  check: async (wanted) =>
    drift({}, { would: would(wanted), done: '' }, async (act): Promise<Applied> => {
      const step = Math.max(0.05, wanted.request_interval ?? 1)
      // Counted, not read from a clock: the time that the requests take is beyond it.
      for (let waited = 0; ; waited += step) {
        const verdict = await ask(wanted, act)
        if (verdict.ok || waited + step > wanted.wait_for) return verdict
        await pause(step * 1000, undefined, { signal: act.signal })
      }
    }),
})

export const http = stateModule({
  summary: 'Servers that answer as they should.',
  functions: { query, wait_for_successful_query: wait },
})
