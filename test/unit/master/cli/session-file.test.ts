/** What stands in a saved login is looked at before it is used: somebody may have written into it. */
import { expect, it } from 'vitest'
import { checkSession } from '../../../../master/cli/session-file.ts'

const session = {
  api: 'https://master.example:4511',
  token: 'a'.repeat(64),
  user: 'alice',
  eauth: 'local',
  expire: 1,
}

it('takes what a login wrote', () => {
  expect(checkSession(session)).toEqual(session)
  expect(checkSession({ ...session, api: 'https://[::1]:4511' })).toMatchObject({ user: 'alice' })
})

it.each([
  ['api', 'http://127.0.0.1:4511'],
  ['api', 'https://127.0.0.1:4511/../x?y'],
  ['api', 'https://alice:secret@127.0.0.1:4511'],
  ['api', ''],
  ['token', `${'a'.repeat(63)}\n`],
  ['expire', Number.NaN],
])('does not take %s %j', (name, value) => {
  expect(checkSession({ ...session, [name]: value })).toBe(`"${name}" is not in order`)
})
