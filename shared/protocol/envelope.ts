/** One message as JSON text and back: `{"v":1,"kind":"ping","request":3,"body":{…}}`, checked on both sides. */
import * as v from 'valibot'
import { TsaltError } from '../errors/error.ts'
import { type Body, type Kind, type Message, messages, type Sender } from './registry.ts'
import { flawOfJson, parseStrictJson } from './strict-json.ts'
import { protocolVersions } from './versions.ts'

/** Of the body. Grains and pillars with keys that are not strings take three levels of JSON for one of theirs. */
const maxBodyDepth = 64
/** Items of lists and mappings in one message. The master's may be manifests of hundreds of thousands of files. */
const maxItems: Readonly<Record<Sender, number>> = { enrolling: 1_000, minion: 1_000_000, master: 8_000_000 }
const maxRequest = 0xffff_ffff
const parts = new Set(['v', 'kind', 'request', 'body'])

/** What `encodeEnvelope` has to know; the attachment travels beside the text. */
export interface Envelope<K extends Kind = Kind> {
  readonly kind: K
  readonly body: Body<K>
  readonly request?: number | undefined
}

/**
 * Checks what is about to be sent as the receiver will: it would close the connection over it, and whatever is sent
 * again after a reconnection would close it again and again.
 * @throws TsaltError `message-unsendable`
 */
export function encodeEnvelope({ kind, body, request }: Envelope): string {
  const parsed = v.safeParse(messages[kind].schema, body)
  if (!parsed.success) throw new TsaltError('message-unsendable', { kind, reason: reasonOf(parsed.issues) })
  const flaw = flawOfJson(body, maxBodyDepth)
  if (flaw !== undefined) throw new TsaltError('message-unsendable', { kind, reason: flaw })
  const number = request === undefined ? '' : `"request":${request},`
  return `{"v":${protocolVersions.oldest},"kind":"${kind}",${number}"body":${JSON.stringify(body)}}`
}

/**
 * @param from who sent it, as its certificate says
 * @throws TsaltError `protocol-violation`
 */
export function decodeEnvelope(text: string, from: Sender): Omit<Message, 'attachment'> {
  const envelope = parse(text, from)
  const kind = envelope.kind
  if (typeof kind !== 'string' || !Object.hasOwn(messages, kind))
    throw violation('a message of no known kind')
  const row = messages[kind as Kind]
  if (!(row.from as readonly Sender[]).includes(from)) throw violation(`${kind} from ${from}`)
  const request = envelope.request
  if (request !== undefined && !isRequestNumber(request)) throw violation(`the request number of ${kind}`)
  if ('answer' in row && request === undefined) throw violation(`${kind} without a request number`)
  const parsed = v.safeParse(row.schema, envelope.body)
  if (!parsed.success) throw violation(`the body of ${kind}: ${reasonOf(parsed.issues)}`)
  // The schema of this kind has just passed: kind and body belong together.
  const message = { kind: kind as Kind, body: parsed.output as Body<Kind> }
  return request === undefined ? message : { ...message, request: request as number }
}

function parse(text: string, from: Sender): { readonly [key: string]: unknown } {
  let json: unknown
  try {
    // One more for the envelope around the body.
    json = parseStrictJson(text, maxBodyDepth + 1, maxItems[from])
  } catch (cause) {
    throw violation(cause instanceof Error ? cause.message : 'not JSON')
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw violation('not a message')
  const envelope = json as { readonly [key: string]: unknown }
  const version = envelope.v
  if (typeof version !== 'number' || version < protocolVersions.oldest || version > protocolVersions.newest)
    throw violation('a message of an unknown version')
  for (const key of Object.keys(envelope))
    if (!parts.has(key)) throw violation('an unknown part of a message')
  return envelope
}

function isRequestNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maxRequest
}

/** Path and complaint of the first issue; never the value, which may be a secret. */
function reasonOf(issues: readonly v.BaseIssue<unknown>[]): string {
  const issue = issues[0]
  const path = issue?.path?.map((item) => String(item.key)).join('.') ?? ''
  return `${path || 'it'} is not ${issue?.expected ?? 'valid'}`.slice(0, 200)
}

export function violation(reason: string): TsaltError {
  return new TsaltError('protocol-violation', { reason })
}
