import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import * as https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SourceTrouble } from '../../../../shared/pillar/machine.ts'
import { masterFunctions } from '../../../../shared/pillar-machine/master-functions.ts'
import { makePillarMachine } from '../../../../shared/pillar-machine/pillar-machine.ts'

const machine = makePillarMachine({ gpgFolder: '/nonexistent', ageIdentities: '/nonexistent' })
const folder = mkdtempSync(join(tmpdir(), 'tsalt-machine-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const trouble = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => new Error('it worked'),
    (thrown: unknown) => thrown,
  )
  return error instanceof SourceTrouble ? error.message : `another error: ${String(error)}`
}

describe('commands', () => {
  it('see nothing of our environment', async () => {
    process.env['TSALT_TEST_SECRET'] = 'x'
    expect((await machine.run('env', 5)).split('\n').map((line) => line.split('=')[0])).not.toContain(
      'TSALT_TEST_SECRET',
    )
    expect(await machine.run(['printf', '%s', '$(id);'], 5)).toBe('$(id);')
  })

  it.each([
    ['echo no >&2; exit 3', 'the command ended with 3: no'],
    ['sleep 30', 'the command did not end within 1 s'],
    ['head -c 9000000 /dev/zero', 'the command said more than 8388608 bytes'],
  ])('%s', async (line, expected) => expect(await trouble(machine.run(line, 1))).toBe(expected))

  it('that are not there are named', async () => {
    expect(await trouble(machine.run(['/no/such'], 1))).toBe('there is no program /no/such')
  })

  it('run a few at once, and one that fails gives its turn to the next', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, (_, n) => machine.run(`exit ${n % 2}`, 5)),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(15)
  })
})

describe('servers', () => {
  const options = { seconds: 1, headers: {}, caBundle: undefined }
  const answer: RequestListener = (request, response) => {
    const { url = '' } = request
    if (url === '/slow') return
    if (url === '/moved') response.writeHead(302, { location: '/ok' }).end()
    else if (url === '/big') response.end('x'.repeat(9_000_000))
    else response.end(`a: ${request.headers.authorization ?? url}`)
  }
  const plain = createServer(answer)
  let secure: https.Server
  const port = (server: Server | https.Server): number => (server.address() as AddressInfo).port
  beforeAll(async () => {
    const files = ['-keyout', join(folder, 'key'), '-out', join(folder, 'cert')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      ...files,
      ...subject,
    ])
    const { readFileSync } = await import('node:fs')
    secure = https.createServer(
      { key: readFileSync(join(folder, 'key')), cert: readFileSync(join(folder, 'cert')) },
      answer,
    )
    await new Promise<void>((done) => plain.listen(0, '127.0.0.1', done))
    await new Promise<void>((done) => secure.listen(0, '127.0.0.1', done))
  })
  afterAll(() => {
    plain.closeAllConnections()
    plain.close()
    secure.close()
  })

  it('answer, with headers', async () => {
    const headers = { authorization: 'Basic x' }
    expect(await machine.get(`http://127.0.0.1:${port(plain)}/ok`, { ...options, headers })).toBe(
      'a: Basic x',
    )
  })

  it.each([
    ['/slow', /^http:\/\/127\.0\.0\.1:\d+ did not answer within 1 s$/],
    ['/moved', /answered with 302$/],
    ['/big', /answered with more than 8388608 bytes$/],
  ])('%s is refused, without its path in the words', async (path, expected) => {
    const said = await trouble(machine.get(`http://127.0.0.1:${port(plain)}${path}`, options))
    expect(said).toMatch(expected)
    expect(said).not.toContain(path)
  })

  it('have their certificates verified', async () => {
    const url = `https://localhost:${port(secure)}/ok`
    expect(await trouble(machine.get(url, options))).toMatch(/cannot be asked: .*self.signed/)
    expect(await machine.get(url, { ...options, caBundle: join(folder, 'cert') })).toBe('a: /ok')
    const other = `https://127.0.0.1:${port(secure)}/ok`
    expect(await trouble(machine.get(other, { ...options, caBundle: join(folder, 'cert') }))).toMatch(
      /cannot be asked/,
    )
  })

  it.each([['file:///etc/passwd'], ['ftp://h/'], ['nonsense']])('%s is none', async (url) => {
    expect(await trouble(machine.get(url, options))).toMatch(/neither http|URL is none/)
  })
})

describe('folders', () => {
  it('give files by their paths; links of folders where that is wanted, circles once', async () => {
    const root = join(folder, 'tree')
    mkdirSync(join(root, 'a/b'), { recursive: true })
    mkdirSync(join(folder, 'other'))
    writeFileSync(join(root, 'a/b/c'), 'deep')
    writeFileSync(join(root, 'top'), 'x')
    writeFileSync(join(folder, 'other/linked'), 'y')
    symlinkSync(join(folder, 'other'), join(root, 'link'))
    symlinkSync(root, join(root, 'a/round'))
    const paths = async (follow: boolean) => (await machine.files(root, follow)).map(({ path }) => path)
    expect(await paths(false)).toEqual(['a/b/c', 'top'])
    expect(await paths(true)).toEqual(['a/b/c', 'link/linked', 'top'])
    expect(await machine.files(join(folder, 'none'), false)).toEqual([])
    writeFileSync(join(root, 'binary'), Buffer.from([0xff, 0xfe]))
    expect(await trouble(machine.files(root, false))).toMatch(/binary is no UTF-8 text/)
  })
})

describe('functions of the master', () => {
  const ask = (permitted: string[], name: string, ...args: string[]) =>
    masterFunctions(machine, permitted).call(name, args, new Map(), undefined)

  it('work where they are permitted', async () => {
    writeFileSync(join(folder, 'file'), 'text')
    expect(await ask(['cmd.*'], 'cmd.run', 'echo a; echo b')).toBe('a\nb')
    expect(await ask(['file.*'], 'file.file_exists', join(folder, 'file'))).toBe(true)
    expect(await ask(['file.*'], 'file.directory_exists', join(folder, 'file'))).toBe(false)
    expect(await ask(['file.read'], 'file.read', join(folder, 'file'))).toBe('text')
    expect(await ask(['environ.get'], 'environ.get', 'TSALT_NO_SUCH', 'none')).toBe('none')
  })

  it.each([
    [[], 'cmd.run', 'pillar-function-refused'],
    [['cmd.run'], 'file.read', 'pillar-function-refused'],
    [['*'], 'saltutil.runner', 'pillar-function-elsewhere'],
    [['*'], 'file.read', 'pillar-function-failed'],
  ])('permitting %j, %s is %s', async (permitted, name, code) => {
    await expect(ask(permitted, name, '/no/such')).rejects.toMatchObject({ code })
  })
})
