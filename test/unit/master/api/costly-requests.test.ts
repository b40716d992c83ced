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

const read = async (payload: string, type = 'application/x-www-form-urlencoded'): Promise<unknown> => {
  const { body } = await app.inject({ method: 'POST', url: '/', headers: { 'content-type': type }, payload })
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
  expect(await cost(() => read(form(16_000)))).toBeLessThan(Math.max(few, 20) * 16 * 4)
})

it('reads an Accept header of very many blanks', async () => {
  const blanks = (many: number) => wantedTypes({ headers: { accept: `a${' '.repeat(many)}b;q=0.5` } })
  expect(blanks(3)).toEqual(['a   b'])
  // Seconds where the cost grows with the square.
  expect(await cost(() => blanks(160_000))).toBeLessThan(2_000)
})

it('reads YAML whose aliases repeat a little, and refuses it where they make much of few bytes', async () => {
  const type = 'application/x-yaml'
  expect(await read('a: &a [x, y]\nb: *a', type)).toEqual({ a: ['x', 'y'], b: ['x', 'y'] })
  const text = (times: number) => `a: &a ${'x'.repeat(5_000)}\nb: [${Array(times).fill('*a').join(', ')}]`
  expect(Object.keys((await read(text(100), type)) as object)).toEqual(['a', 'b'])
  expect(await read(text(5_000), type)).toMatchObject({ code: 'request-too-large' })
  const keys = `a: &a {${'k'.repeat(1_000)}: 1}\nb: [${Array(10_000).fill('*a').join(', ')}]`
  expect(await read(keys, type)).toMatchObject({ code: 'request-too-large' })
})
