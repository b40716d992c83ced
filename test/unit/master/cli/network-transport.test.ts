/** What a connection over TLS meets: certificates of others, no TLS at all, a master that asks for patience, one that breaks off. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createPlainServer } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { clientOver, type MasterClient } from '../../../../master/cli/master-client.ts'
import { networkTransport } from '../../../../master/cli/network-transport.ts'
import { parseJobId } from '../../../../shared/ids.ts'

let folder: string
let server: Server | undefined
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-transport-'))
  for (const [name, names] of [
    ['right', 'DNS:localhost,IP:127.0.0.1'],
    ['other', 'DNS:other.example'],
  ] as const) {
    mkdirSync(join(folder, name))
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`],
      ...['-keyout', join(folder, name, 'key'), '-out', join(folder, name, 'crt')],
    ])
    if (made.status !== 0) throw new Error(String(made.stderr))
  }
})
afterEach(async () => {
  await new Promise((done) => (server ? server.close(done) : done(undefined)))
  server = undefined
})
afterAll(() => rmSync(folder, { recursive: true }))

const text = (name: string): string => readFileSync(join(folder, name), 'utf8')

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A server with the certificate of that name, and a client that trusts it. */
async function serve(name: string, handler: Handler, trusted = name): Promise<MasterClient> {
  const made = createServer({ cert: text(`${name}/crt`), key: text(`${name}/key`) }, handler)
  made.keepAliveTimeout = 50
  return open(made, text(`${trusted}/crt`))
}

async function open(made: Server, authorities: string): Promise<MasterClient> {
  server = made
  await new Promise<void>((done) => made.listen(0, '127.0.0.1', done))
  const api = `https://127.0.0.1:${(made.address() as AddressInfo).port}`
  return clientOver(networkTransport({ api, authorities, token: 'secret' }))
}

const json = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers })
  response.end(JSON.stringify(body))
}

describe('the way to a master over TLS', () => {
  it.each([
    ['other', 'other', 'it is for other.example, and not for 127.0.0.1'],
    ['right', 'other', 'it is signed by itself alone'],
  ])('sends nothing to %s where %s is trusted', async (name, trusted, reason) => {
    let asked = 0
    const client = await serve(name, () => (asked += 1), trusted)
    await expect(client.status()).rejects.toMatchObject({
      code: 'api-certificate-untrusted',
      message: expect.stringContaining(reason),
    })
    expect(asked).toBe(0)
  })

  it('sends nothing to strangers, also where the environment tells Node.js to trust everybody', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    let asked = 0
    const client = await serve(
      'right',
      (_request, response) => {
        asked += 1
        json(response, 200, {})
      },
      'other',
    )
    const refused = expect(client.status()).rejects.toMatchObject({ code: 'api-certificate-untrusted' })
    await refused.finally(() => vi.unstubAllEnvs())
    expect(asked).toBe(0)
  })

  it('says where no TLS is spoken', async () => {
    const client = await open(createPlainServer(), text('right/crt'))
    await expect(client.status()).rejects.toMatchObject({
      code: 'master-down',
      message: expect.stringContaining('no TLS 1.3 is spoken there'),
    })
  })

  it('shows the token in a header, and waits where the master asks for it', async () => {
    const seen: (string | undefined)[] = []
    const client = await serve('right', (request, response) => {
      seen.push(request.headers.authorization)
      if (seen.length < 3)
        json(response, 429, { code: 'rate-limited', message: 'slow' }, { 'retry-after': '0' })
      else json(response, 200, { version: '1' })
    })
    expect(await client.status()).toEqual({ version: '1' })
    expect(seen).toEqual(['Bearer secret', 'Bearer secret', 'Bearer secret'])
  })

  it('does not wait for ever', async () => {
    const client = await serve('right', (_request, response) =>
      json(response, 429, { code: 'rate-limited', message: 'Too many.' }, { 'retry-after': '600' }),
    )
    await expect(client.status()).rejects.toMatchObject({ code: 'rate-limited' })
  })

  it('does not know of a job whether it was taken where the connection breaks', async () => {
    const client = await serve('right', (request) => request.socket.destroy())
    const jid = parseJobId('20261122031950008068')
    await expect(client.submit({ fun: 'test.ping', args: [], kwargs: {}, jid })).rejects.toMatchObject({
      code: 'submission-uncertain',
    })
    await expect(client.status()).rejects.toMatchObject({ code: 'master-down' })
  })

  it('ends a stream that breaks off without an error, as one that ended', async () => {
    const client = await serve('right', (_request, response) => {
      response.write('{"type":"beat"}\n{"type":"be')
      setTimeout(() => response.destroy(), 50)
    })
    const lines: unknown[] = []
    const { signal } = new AbortController()
    for await (const line of client.events(new URLSearchParams(), signal)) lines.push(line)
    expect(lines).toEqual([{ type: 'beat' }])
  })
})
