/** Whatever a body is: one refusal that says what is wrong, never a failure of the master. */
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HttpsAnswer } from './https-client.ts'
import { NetworkMaster } from './network-master.ts'

let master: NetworkMaster
let token: string

beforeAll(async () => {
  master = await NetworkMaster.start()
  token = await master.login('admin')
})
afterAll(() => master.stop())

const paths = ['/', '/run', '/login', '/token', '/minions', '/keys', '/hook/x'] as const
const ours = [
  '/api/v1/jobs',
  '/api/v1/targets',
  '/api/v1/runners',
  '/api/v1/keys/preview',
  '/api/v1/tokens',
  '/api/v1/jobs/20200101000000000000/kill',
  '/api/v1/rollouts/20200101000000000000',
] as const

/** Names that mean something, so that the checks behind the first one are reached. */
const word = fc.constantFrom(
  ...[
    'client',
    'fun',
    'tgt',
    'arg',
    'kwarg',
    'tgt_type',
    'batch',
    'timeout',
    'token',
    'username',
    'password',
  ],
  ...[
    'target',
    'kind',
    'expression',
    'args',
    'kwargs',
    'rollout',
    'action',
    'match',
    'signal',
    'idGlob',
    'seconds',
  ],
)
const scalar = fc.oneof(
  fc.constantFrom(
    'local',
    'local_async',
    'local_batch',
    'runner',
    'wheel',
    'test.ping',
    '*',
    'glob',
    'compound',
  ),
  fc.constantFrom('manage.up', 'key.accept', 'jobs.lookup_jid', '10%', 'accept', 'KILL', 'a and (', '$int'),
  fc.string({ maxLength: 20 }),
  fc.double(),
  fc.integer(),
  fc.constant(null),
  fc.boolean(),
  fc.constant({ $int: 'x' }),
  fc.constant({ $map: [[1, 2]] }),
)
const body = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4, depthSize: 'small' }, scalar, tie('list'), tie('mapping')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  mapping: fc.dictionary(fc.oneof(word, fc.string({ maxLength: 8 })), tie('value'), { maxKeys: 6 }),
})).value

/** Until the rate lets it through. */
async function post(path: string, text: string, type: string): Promise<void> {
  for (;;) {
    const answer = await master.https.post(path, text, headers(type))
    isRefusal(answer)
    if ((answer.body as { code?: unknown } | undefined)?.code !== 'rate-limited') return
    await pause(300)
  }
}

function isRefusal(answer: HttpsAnswer): void {
  expect(answer.status, answer.text).toBeLessThan(500)
  if (answer.status < 400) return
  const { message, return: said, code } = answer.body as Record<string, unknown>
  expect(message ?? said, answer.text).toEqual(expect.stringMatching(/\S/))
  expect(code, answer.text).toEqual(expect.stringMatching(/^[a-z-]+$/))
}

describe('bodies that nobody meant', () => {
  it('of salt-api', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), body, (path, value) =>
        post(path, JSON.stringify(value) ?? '', 'application/json'),
      ),
      { numRuns: 250 },
    )
  })

  it('that are no documents, in every form', async () => {
    const types = [
      'application/json',
      'application/x-yaml',
      'application/x-www-form-urlencoded',
      'text/plain',
      'x/y',
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.constantFrom(...types),
        fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json()),
        (path, type, text) => post(path, text, type),
      ),
      { numRuns: 200 },
    )
  })

  it('of /api/v1', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ours), body, (path, value) =>
        post(path, JSON.stringify(value) ?? '', 'application/json'),
      ),
      { numRuns: 250 },
    )
  })
})

const headers = (type: string) => ({ 'content-type': type, 'x-auth-token': token })

describe('bodies that are too much', () => {
  it.each([
    ['a large one without a login', '/login', 'x'.repeat(100_000), {}, 413],
    ['nested without end', '/', `${'['.repeat(200)}${']'.repeat(200)}`, undefined, 400],
    ['a key twice', '/', '{"client": "local", "client": "wheel"}', undefined, 400],
    ['a prototype', '/', '{"__proto__": {"a": 1}}', undefined, 400],
    ['aliases of YAML', '/', `a: &a [1]\n${'b: [*a, *a]\n'.repeat(3)}`, 'yaml', 400],
  ] as const)('%s', async (_name, path, text, more, status) => {
    const type = more === 'yaml' ? 'application/x-yaml' : 'application/json'
    const sent = more !== undefined && more !== 'yaml' ? { 'content-type': type } : headers(type)
    let answer = await master.https.post(path, text, sent)
    // The random bodies before may have used up what one address may ask in a second.
    for (let tries = 0; answer.status === 429 && tries < 50; tries++) {
      await pause(100)
      answer = await master.https.post(path, text, sent)
    }
    expect(answer.status).toBe(status)
    isRefusal(answer)
  })
})
