/** Makes a result small for a spool or disk that is full: long texts first, then the whole body. Verdicts stay. */
import type { Json } from '../../shared/data/codec.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'

const keptOfText = 256
const longText = 1024
const keptOfBody = 2048
/** Items of lists and mappings; the master takes no message with more than a million. */
const mostItems = 900_000

/** @param limit bytes that the body may have as JSON */
export function cutBody(result: JobReturn, limit: number): JobReturn {
  const before = sizeOf(result.ret)
  const fits = itemsOf(result.ret) <= mostItems
  if (before <= limit && fits) return result
  const shortened = shortenTexts(result.ret)
  if (fits && sizeOf(shortened) <= limit)
    return {
      ...result,
      ret: shortened,
      truncated: `texts over ${longText} characters, of ${before} bytes in all`,
    }
  const head = JSON.stringify(result.ret).slice(0, keptOfBody)
  return {
    ...result,
    format: 'nested',
    ret: `${head}… (cut: ${before} bytes in all)`,
    truncated: `the whole body, ${before} bytes`,
  }
}

function sizeOf(body: Json): number {
  return Buffer.byteLength(JSON.stringify(body))
}

/** Counted until there are too many. */
function itemsOf(body: Json): number {
  if (body === null || typeof body !== 'object') return 0
  const items = Array.isArray(body) ? body : Object.values(body)
  let count = items.length
  for (const item of items) {
    if (count > mostItems) break
    count += itemsOf(item)
  }
  return count
}

function shortenTexts(body: Json): Json {
  if (typeof body === 'string') {
    if (body.length <= longText) return body
    return `${body.slice(0, keptOfText)}… (cut: ${body.length} characters in all)`
  }
  if (Array.isArray(body)) return body.map(shortenTexts)
  if (body === null || typeof body !== 'object') return body
  const shortened: { [key: string]: Json } = Object.create(null)
  for (const [key, item] of Object.entries(body)) shortened[key] = shortenTexts(item)
  return shortened
}
