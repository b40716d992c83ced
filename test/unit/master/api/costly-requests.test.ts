/** What strangers may send costs in proportion to its length: a request of the greatest length is read in an instant. */
import fastify from 'fastify'
import { expect, it } from 'vitest'
import { wantedTypes } from '../../../../master/salt-api/answers.ts'
import { bodyOf, readBodies } from '../../../../master/salt-api/bodies.ts'
import { type Plain, toPlain } from '../../../../shared/data/value.ts'

/** Milliseconds of the processor: other programs don't count. */
async function cost(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const app = fastify()
readBodies(app)
app.post('/', async (request) => toPlain(bodyOf(request.body).value) as Plain)

const read = async (payload: string): Promise<unknown> => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const { body } = await app.inject({ method: 'POST', url: '/', headers, payload })
  return JSON.parse(body)
}

it('reads forms as they were sent: repeated names are lists, kwarg is typed', async () => {
  expect(await read('client=local&arg=a&arg=1&kwarg={"test": true}&__proto__=x')).toEqual({
    client: 'local',
    arg: ['a', '1'],
    kwarg: { test: true },
    ['__proto__']: 'x',
  })
})

it('reads a form of very many names', async () => {
  const form = (names: number) => Array.from({ length: names }, (_, at) => at.toString(36)).join('&')
  await read(form(100))
  const few = await cost(() => read(form(1_000)))
  expect(await cost(() => read(form(16_000)))).toBeLessThan(Math.max(few, 5) * 16 * 4)
})

it('reads an Accept header of very many blanks', async () => {
  const blanks = (many: number) => wantedTypes({ headers: { accept: `a${' '.repeat(many)}b;q=0.5` } })
  expect(blanks(3)).toEqual(['a   b'])
  expect(await cost(() => blanks(16_000))).toBeLessThan(50)
})
