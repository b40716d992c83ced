/** The engine of containers behind its socket: its answers as data. */
import { TsaltError } from '../../../shared/errors/error.ts'
import type { Changer, UndoStep } from '../../system/changer.ts'
import type { HttpAnswer, HttpRequest } from '../../system/http-port.ts'
import type { Reader } from '../../system/reader.ts'
import type { Decision, StateRun } from '../contract.ts'
import { missingUnlessBrought } from '../required-program.ts'

export const engineSocket = '/var/run/docker.sock'

/** JSON as the engine sends it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

const request = (path: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  url: `http://docker${path}`,
  socket: engineSocket,
  timeout: 60_000,
  ...more,
})

/** @returns undefined: there is no such thing @throws TsaltError `url-unreachable` */
export async function inspect(path: string, look: Reader): Promise<JsonObject | undefined> {
  const answer = await look.http.ask(request(path))
  if (answer.status === 404) return undefined
  return objectOf(jsonOf(answer, path))
}

export async function listOf(path: string, look: Reader): Promise<readonly JsonObject[]> {
  const answer = jsonOf(await look.http.ask(request(path)), path)
  return Array.isArray(answer) ? answer.map(objectOf) : []
}

/** Text of an answer, whatever its form (logs). */
export async function textFrom(path: string, look: Reader): Promise<string> {
  return demultiplexed((await look.http.ask(request(path))).body)
}

export interface Sending {
  readonly method?: string
  readonly body?: JsonObject
  readonly undo?: readonly UndoStep[]
  /** Milliseconds. */
  readonly timeout?: number
}

/** @throws TsaltError `url-unreachable`, `container-engine-refused` with the engine's own words */
export async function send(
  path: string,
  { method = 'POST', body, undo, timeout }: Sending,
  act: Changer,
): Promise<Json> {
  const wanted = request(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    ...(timeout === undefined ? {} : { timeout }),
  })
  return jsonOf(await act.http.send(wanted, undo === undefined ? {} : { undo }), path)
}

function jsonOf(answer: HttpAnswer, path: string): Json {
  const text = Buffer.from(answer.body).toString('utf8').trim()
  const lines = text.split('\n')
  const values = lines.map(parsed)
  // A pull answers 200 and then, line by line, how it goes.
  const wrong =
    answer.status >= 400 ? values[0] : values.find((value) => objectOf(value)['error'] !== undefined)
  if (answer.status < 400 && (wrong === undefined || lines.length < 1))
    return lines.length > 1 ? values : (values[0] ?? null)
  const { message, error } = objectOf(wrong ?? null)
  const said = String(message ?? error ?? text).trim()
  const reason = said === '' ? `it answers ${answer.status} and nothing else` : said.slice(0, 2000)
  throw new TsaltError('container-engine-refused', { request: path.split('?')[0] ?? path, reason })
}

function parsed(text: string): Json {
  try {
    return text.trim() === '' ? null : (JSON.parse(text) as Json)
  } catch {
    return text
  }
}

export const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
export const textsOf = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map(String) : [])

/** Streams of a container without a terminal come in frames of 8 bytes of head and their content. */
function demultiplexed(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes)
  const parts: Buffer[] = []
  for (let at = 0; at + 8 <= buffer.length; ) {
    if ((buffer[at] ?? 9) > 2 || buffer.readUIntBE(at + 1, 3) !== 0) return buffer.toString('utf8')
    const length = buffer.readUInt32BE(at + 4)
    parts.push(buffer.subarray(at + 8, at + 8 + length))
    at += 8 + length
  }
  return parts.length === 0 ? buffer.toString('utf8') : Buffer.concat(parts).toString('utf8')
}

const bringers: ReadonlySet<string> = new Set(['pkg', 'service', 'cmd'])

/** @returns a decision where no engine is behind the socket */
export async function requireEngine(look: Reader, run: StateRun): Promise<Decision | undefined> {
  if (await look.files.infoFollowed(engineSocket)) return undefined
  return missingUnlessBrought(
    `The engine of containers is not there: ${engineSocket} does not exist`,
    'Install and start it in an earlier state (pkg.installed: docker.io, service.running: docker), and require that.',
    bringers,
    run,
  )
}

export const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/%(?:2F|3A|40)/g, decodeURIComponent)
