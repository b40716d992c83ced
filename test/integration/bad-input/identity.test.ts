/** Whom to trust, and who is let in: wrong fingerprints, tokens, keys and certificates. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Site, until } from './site.ts'

describe('identity', () => {
  let site: Site
  let port: string
  beforeAll(async () => {
    site = await Site.start()
    port = `master_port: ${site.port}`
  })
  afterAll(() => site?.end())

  const unknown = async (id: string): Promise<void> =>
    expect((await site.on('tsalt-key', '-l', 'acc')).stdout).not.toContain(id)

  test('a wrong fingerprint: nothing is sent, and both are shown', async () => {
    const minion = site.minion('finger', port, `master_finger: '${'07'.repeat(32)}'`)
    expect(await minion.gone).toBe(77)
    expect(minion.said()).toMatch(
      /The fingerprint of the CA at 127\.0\.0\.1:\d+ is (?:[0-9a-f]{4}:){15}[0-9a-f]{4}/,
    )
    expect(minion.said()).toContain('and not 0707:0707:')
    expect(minion.said()).toContain('as master_finger says')
    expect(minion.said()).toContain('Somebody may be in between')
    expect((await site.on('tsalt-key', '-L')).stdout).not.toContain('finger')
  })

  test.each([
    ['a fingerprint that is none', "master_finger: 'abc'", 'not a SHA-256 fingerprint: "abc"'],
    ['a token that is none', "join_token: 'tsalt1:abc'", 'This is not a join token: it is cut short'],
    ['neither', '', 'Nothing says which master this minion may trust'],
  ])('%s', async (_, line, says) => {
    const minion = site.minion('malformed', port, line)
    expect(await minion.gone).toBe(64)
    expect(minion.said()).toContain(says)
    expect(minion.said()).toContain('tsalt-key ')
  })

  test.each([
    ['late', ['--ttl', '1'], 'The join token has expired.'],
    ['stranger', ['--id', 'web*'], 'The join token is not for the id "stranger".'],
  ])('a token that does not fit: %s', async (id, words, says) => {
    const token = await site.token(...words)
    if (words.includes('--ttl')) await new Promise((resolve) => setTimeout(resolve, 1_100))
    const minion = site.minion(id, port, `join_token: '${token}'`)
    await until('the question to an operator', () => minion.said().includes('waits to be accepted'))
    expect(minion.said()).toContain(says)
    expect(minion.said()).toContain(`tsalt-key --token --id ${id}`)
    expect(minion.said()).toMatch(/fingerprint of its key: (?:[0-9a-f]{4}:){15}[0-9a-f]{4}/)
    await unknown(id)
    await minion.stop()
  })

  test('a token lets in one minion', async () => {
    const token = await site.token()
    const first = site.minion('first', port, `join_token: '${token}'`)
    await until('the first', async () => (await site.on('tsalt', 'first', 'test.ping')).code === 0)
    const second = site.minion('second', port, `join_token: '${token}'`)
    await until('the second', () => second.said().includes('waits to be accepted'))
    expect(second.said()).toContain('The join token has been used already.')
    await unknown('second')
    await Promise.all([first.stop(), second.stop()])
  })

  test('a wrong fingerprint at acceptance: nothing is accepted', async () => {
    const minion = site.minion('pending', port, 'trust_on_first_use: true')
    await until('its question', () => minion.said().includes('waits to be accepted'))
    const { code, stderr, stdout } = await site.on(
      'tsalt-key',
      '-a',
      'pending',
      '--fingerprint',
      '0'.repeat(64),
    )
    expect(code).toBe(77)
    expect(stderr + stdout).toContain('has another fingerprint')
    expect(stderr + stdout).toContain('Nothing was accepted')
    await unknown('pending')
    await minion.stop()
  })

  test('something else than a master', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('hello\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const other = address && typeof address === 'object' ? address.port : 0
    const minion = site.minion('lost', `master_port: ${other}`, 'trust_on_first_use: true')
    await until('its complaint', () => minion.log().length > 0)
    expect(minion.log()[0]).toMatchObject({ reason: expect.stringContaining('does not speak TLS') })
    await minion.stop()
    server.close()
  })

  test('a deleted key: the minion asks again, without noise', async () => {
    const minion = await site.joined('deleted')
    expect((await site.on('tsalt-key', '-d', 'deleted', '-y')).code).toBe(0)
    await until('its question', () => minion.said().includes('waits to be accepted'))
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(minion.log().length).toBeLessThanOrEqual(4)
    expect((await site.on('tsalt', 'deleted', 'test.ping')).code).toBe(2)
    await minion.stop()
  })

  test("a certificate that is another minion's, a damaged one, a loose key", async () => {
    const minion = await site.joined('whole')
    await minion.stop()
    const folder = site.path('whole/etc/tsalt/pki/minion')
    const named = await site.run('tsalt-minion', ['--root-dir', site.path('whole'), '--id', 'other'])
    expect(named.stderr).toContain(`The certificate in ${folder} is for "whole", and this minion is "other"`)
    expect(named.stderr).toContain('Set "id: whole"')
    expect(named.code).toBe(64)
    const file = ['minion.crt', 'certificate.pem'].map((name) => `${folder}/${name}`).find(existsSync) ?? ''
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, 'nonsense\n')
    const damaged = await site.run('tsalt-minion', ['--root-dir', site.path('whole')])
    expect(damaged.stderr).toContain(file)
    expect(damaged.stderr).toContain('hint: ')
    expect(damaged.code).not.toBe(0)
    expect(readFileSync(file, 'utf8')).toBe('nonsense\n')
    writeFileSync(file, before)
  })
})
