/** Requests to web servers: what they follow, what they keep to themselves, and where they stop. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchUrl } from '../../../../minion/modules/fetch-url.ts'

let server: Server
let other: Server
const seen: string[] = []
const at = (one: Server): string => `http://127.0.0.1:${(one.address() as AddressInfo).port}`
const within = { timeout: 5_000, signal: new AbortController().signal }

function listening(answer: Parameters<typeof createServer>[1]): Promise<Server> {
  const made = createServer(answer as () => void).listen(0, '127.0.0.1')
  return new Promise((resolve) => made.once('listening', () => resolve(made)))
}

beforeAll(async () => {
  other = await listening((request, response) => {
    seen.push(`${request.method} ${request.headers.authorization ?? 'nobody'}`)
    response.end('other')
  })
  server = await listening((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end()
      else if (request.url === '/away') response.writeHead(302, { location: `${at(other)}/` }).end()
      else if (request.url === '/there') response.writeHead(307, { location: '/echo' }).end()
      else if (request.url === '/see') response.writeHead(303, { location: '/echo' }).end()
      else if (request.url === '/large') response.end(Buffer.alloc(65 * 1024 * 1024))
      else if (request.url === '/slow') setTimeout(() => response.end(), 10_000).unref()
      else
        response
          .writeHead(203, 'Quite so')
          .end(`${request.method} ${request.headers['content-type'] ?? '-'} ${body}`)
    })
  })
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  other.close()
})

const text = async (path: string, more: Partial<Parameters<typeof fetchUrl>[1]> = {}) =>
  Buffer.from((await fetchUrl(at(server) + path, { ...within, ...more })).content).toString()

test('answers with status, reason and content', async () => {
  expect(await fetchUrl(`${at(server)}/`, within)).toMatchObject({ status: 203, reason: 'Quite so' })
  expect(await text('/', { method: 'POST', body: new URLSearchParams({ a: 'ü' }) })).toBe(
    'POST application/x-www-form-urlencoded;charset=UTF-8 a=%C3%BC',
  )
})

test('follows where it is sent, with the body where that is meant', async () => {
  expect(await text('/there', { method: 'POST', body: 'x' })).toBe('POST text/plain;charset=UTF-8 x')
  expect(await text('/see', { method: 'POST', body: 'x' })).toBe('GET - ')
})

test('tells nobody else who it is', async () => {
  expect(await text('/away', { headers: { Authorization: 'Basic secret' } })).toBe('other')
  expect(seen).toEqual(['GET nobody'])
})

test.each([
  ['/loop', 'more than 20 times'],
  ['/large', 'more than 67108864 bytes'],
])('%s is given up', (path, reason) => expect(text(path)).rejects.toThrow(reason))

test('waits no longer than it was told', () =>
  expect(text('/slow', { timeout: 50 })).rejects.toThrow('no answer within 0.05 s'))
test('says why nobody answers', () =>
  expect(fetchUrl('http://127.0.0.1:1/', within)).rejects.toThrow('ECONNREFUSED'))
test('fetches from web servers alone', () =>
  expect(fetchUrl('file:///etc/passwd', within)).rejects.toThrow('is not http:'))
