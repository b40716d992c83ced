/** A source on the network. */
import { TsaltError } from '../../shared/errors/error.ts'
import { fetchUrl } from '../modules/fetch-url.ts'
import type { Source } from '../system/reader.ts'
import { hashOf } from './blob-cache.ts'

/** Bytes: archives of programs are large, and a source is held in memory while it is compared and written. */
const mostBytes = 512 * 1024 * 1024
/** Milliseconds for the whole of it. */
const longest = 300_000

/** @throws TsaltError `url-unreachable`, without the password that the address may have */
export async function downloadSource(url: string): Promise<Source> {
  const { address, headers } = withoutPassword(url)
  const { status, reason, content } = await fetchUrl(address, {
    headers,
    timeout: longest,
    mostBytes,
    signal: new AbortController().signal,
  })
  if (status < 200 || status > 299)
    throw new TsaltError('url-unreachable', {
      url: address,
      reason: `the server answers ${status} ${reason}`.trim(),
    })
  return { content, sha256: hashOf(content), mode: 0o644 }
}

/** `https://name:word@host/` becomes a header, as fetch takes no such address. */
function withoutPassword(url: string): { address: string; headers: Record<string, string> } {
  if (!URL.canParse(url)) throw new TsaltError('url-unreachable', { url, reason: 'it is no address' })
  const parsed = new URL(url)
  if (parsed.username === '' && parsed.password === '') return { address: url, headers: {} }
  const words = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`
  parsed.username = ''
  parsed.password = ''
  return {
    address: parsed.href,
    headers: { authorization: `Basic ${Buffer.from(words).toString('base64')}` },
  }
}
