/** One request to a web server, bounded in time and size. */
import { TsaltError } from '../../shared/errors/error.ts'

/** Bytes of an answer. */
const mostBytes = 64 * 1024 * 1024

export interface Fetching {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | URLSearchParams
  /** Milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal
}

export interface Fetched {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>
  readonly content: Uint8Array
}

/** @throws TsaltError `url-unreachable` */
export async function fetchUrl(url: string, { timeout, signal, ...request }: Fetching): Promise<Fetched> {
  const late = AbortSignal.timeout(timeout)
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.any([signal, late]) })
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of response.body ?? []) {
      size += chunk.length
      if (size > mostBytes) throw new Error(`the answer has more than ${mostBytes} bytes`)
      chunks.push(chunk)
    }
    const headers = Object.fromEntries(response.headers)
    return { status: response.status, reason: response.statusText, headers, content: Buffer.concat(chunks) }
  } catch (error) {
    const reason = late.aborted ? `no answer within ${timeout / 1000} s` : causeOf(error)
    throw new TsaltError('url-unreachable', { url, reason }, { cause: error })
  }
}

/** `fetch failed` says less than what it was caused by. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
