import { afterAll, beforeAll, expect, it } from 'vitest'
import { minionNames, type Played, playHighstates, showHighstates } from './played-highstates.ts'

const count = 2_000
const [firstName = ''] = minionNames(1)
/**
 * Megabytes. The command line has about 100 with one return; what is packed of these for one document is 10 to 20, and
 * as objects or as text that nobody has read yet it would be 400 or more.
 */
const most = 220

let played: Played
beforeAll(async () => {
  played = await playHighstates(minionNames(count))
})
afterAll(() => played.close())

it.each([
  '--state-output full',
  '--out json',
  '--out json --static',
  '--out yaml --static',
  '--out nested --static',
  '--static',
])('%s: thousands of highstates are not kept, though their reader looks away', async (form) => {
  const { status, bytes, peak } = await showHighstates(played, form.split(' '), 4_000)
  expect(status).toBe(0)
  expect(peak).toBeGreaterThan(20)
  expect(peak).toBeLessThan(most)
  if (form !== '--static') expect(bytes).toBeGreaterThan(count * 20_000)
})

it('one document of them all is one that programs read', async () => {
  const chunks: Buffer[] = []
  await showHighstates(played, ['--out', 'json', '--static', '--out-indent', '-1'], 0, (chunk) =>
    chunks.push(chunk),
  )
  const document = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, object>
  expect(Object.keys(document)).toEqual(minionNames(count))
  expect(Object.keys(document[firstName] ?? {})).toHaveLength(100)
})
