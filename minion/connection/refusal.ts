/** Reads the HTTP answer of a master that does not open the WebSocket: `{ code, message, hint? }`. */
import type { IncomingMessage } from 'node:http'
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import { parseStrictJson } from '../../shared/protocol/strict-json.ts'

const text = v.pipe(v.string(), v.maxLength(2048))
const RefusalBody = v.object({ code: text, message: text, hint: v.optional(text) })

const longest = 16 * 1024
const patience = 5_000

/**
 * Never throws: an answer of anything else than a master is a refusal too.
 * @returns `master-refused`, its parameter `code` being the master's
 */
export async function parseRefusal(response: IncomingMessage, address: string): Promise<TsaltError> {
  const status = response.statusCode ?? 0
  const wordless = { address, code: `http-${status}`, message: `HTTP status ${status}` }
  try {
    const parsed = v.safeParse(RefusalBody, parseStrictJson(await bodyOf(response), 4, 100))
    if (!parsed.success) return new TsaltError('master-refused', wordless)
    const { code, message, hint } = parsed.output
    return new TsaltError('master-refused', { address, code, message }, hint === undefined ? {} : { hint })
  } catch (cause) {
    return new TsaltError('master-refused', wordless, { cause })
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const timer = setTimeout(() => response.destroy(new Error('too slow')), patience)
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      size += part.length
      if (size > longest) throw new Error('too long')
      parts.push(part)
    }
  } finally {
    clearTimeout(timer)
  }
  return Buffer.concat(parts).toString('utf8')
}
