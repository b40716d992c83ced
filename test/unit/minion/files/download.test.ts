/** Sources on the network, against a real server. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { downloadSource } from '../../../../minion/files/download.ts'

const server = createServer((request, response) => {
  if (request.url === '/moved') response.writeHead(302, { location: '/x' }).end()
  else if (request.url === '/x') response.end(request.headers.authorization ?? 'nobody')
  else if (request.url === '/archive') response.end(Buffer.alloc(70 * 1024 * 1024, 'a'))
  else if (request.url === '/disk') response.writeHead(200, { 'content-length': 2 ** 40 }).write('a')
  else response.writeHead(404).end('no')
})
let port = 0
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => server.close())

const textOf = async (url: string) => Buffer.from((await downloadSource(url)).content).toString()

test('follows the server to where the file is', async () => {
  expect(await textOf(`http://127.0.0.1:${port}/moved`)).toBe('nobody')
})

test('an archive is larger than a page, but nothing is taken that does not fit', async () => {
  const { content } = await downloadSource(`http://127.0.0.1:${port}/archive`)
  expect(content.length).toBe(70 * 1024 * 1024)
  const failure = await downloadSource(`http://127.0.0.1:${port}/disk`).catch((error: unknown) => error)
  expect(String(failure)).toContain(`bytes: ${2 ** 40}`)
})

test('a name and password in the address are sent as a header', async () => {
  expect(await textOf(`http://me:s%20t@127.0.0.1:${port}/x`)).toBe(
    `Basic ${Buffer.from('me:s t').toString('base64')}`,
  )
})

test('what the server refuses is an error without the password', async () => {
  const failure = await downloadSource(`http://me:hidden@127.0.0.1:${port}/y`).catch(
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ code: 'url-unreachable' })
  expect(String(failure)).toContain('the server answers 404')
  expect(String(failure)).not.toContain('hidden')
})

test('nobody there', async () => {
  await expect(downloadSource('http://127.0.0.1:1/x')).rejects.toMatchObject({ code: 'url-unreachable' })
  await expect(downloadSource('https://')).rejects.toMatchObject({ code: 'url-unreachable' })
})
