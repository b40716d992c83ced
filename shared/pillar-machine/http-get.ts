/** One answer of a server: certificates are always verified, redirects are not followed, waiting and size are bounded. */
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import * as http from 'node:http'
import * as https from 'node:https'
import { type GetOptions, SourceTrouble } from '../pillar/machine.ts'
import { longestAnswer } from './run-source.ts'

/** @throws SourceTrouble */
export function httpGet(url: string, { seconds, headers, caBundle }: GetOptions): Promise<string> {
  const parsed = parse(url)
  const where = `${parsed.protocol}//${parsed.host}`
  const ca = caBundle === undefined ? {} : { ca: readBundle(caBundle) }
  const signal = AbortSignal.timeout(seconds * 1000)
  const options = { headers: { accept: '*/*', ...headers }, signal, agent: false, ...ca }
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      const reason = signal.aborted
        ? `did not answer within ${seconds} s`
        : `cannot be asked: ${error.message}`
      reject(error instanceof SourceTrouble ? error : new SourceTrouble(`${where} ${reason}`))
    }
    const request = (parsed.protocol === 'https:' ? https : http).get(parsed, options, (response) => {
      collect(response, where).then(resolve, (error: Error) => {
        request.destroy()
        fail(error)
      })
    })
    request.on('error', fail)
  })
}

function parse(url: string): URL {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw new SourceTrouble('the URL is none')
  }
  if (parsed.protocol === 'http:' || parsed.protocol === 'https:') return parsed
  throw new SourceTrouble(`"${parsed.protocol}" is neither http nor https`)
}

function readBundle(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new SourceTrouble(`ca_bundle ${file}: ${(error as NodeJS.ErrnoException).code}`)
  }
}

/** Without the path in its errors: it may hold a token. */
async function collect(response: IncomingMessage, where: string): Promise<string> {
  const { statusCode = 0 } = response
  if (statusCode !== 200) throw new SourceTrouble(`${where} answered with ${statusCode}`)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > longestAnswer)
      throw new SourceTrouble(`${where} answered with more than ${longestAnswer} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
