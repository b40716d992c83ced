import { describe, expect, it } from 'vitest'
import { pinOf } from '../../../../minion/enrolment/pin.ts'
import { describeError } from '../../../../shared/errors/error.ts'

const finger = 'ab'.repeat(32)
const token = `tsalt1:10.0.0.1:4511:${finger}:${'0'.repeat(32)}`
const none = {
  master: 'salt',
  master_port: 4510,
  master_finger: '',
  join_token: '',
  trust_on_first_use: false,
}
const messageOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return describeError(error)
  }
  return 'no error'
}

describe('what a minion trusts', () => {
  it('must be said, and the error says how', () => {
    const message = messageOf(() => pinOf(none, '/etc/tsalt/minion'))
    for (const part of ['tsalt-key -F master', 'master_finger', 'tsalt-key --token', '/etc/tsalt/minion'])
      expect(message).toContain(part)
  })

  it('is a fingerprint in any of its forms', () => {
    const grouped = (finger.toUpperCase().match(/.{4}/g) ?? []).join(':')
    expect(pinOf({ ...none, master_finger: grouped }, '')).toMatchObject({
      fingerprint: finger,
      masters: [{ host: 'salt', port: 4510 }],
    })
    expect(messageOf(() => pinOf({ ...none, master_finger: 'abc' }, ''))).toContain('fingerprint-invalid')
  })

  it('is a token, which carries the address too', () => {
    expect(pinOf({ ...none, join_token: token }, '')).toEqual({
      fingerprint: finger,
      source: 'join_token',
      secret: '0'.repeat(32),
      masters: [{ host: '10.0.0.1', port: 4511 }],
    })
  })

  it('is not a token that contradicts the fingerprint', () => {
    const both = { ...none, join_token: token, master_finger: 'cd'.repeat(32) }
    expect(messageOf(() => pinOf(both, ''))).toContain('master-fingerprint-differs')
  })

  it('is whoever answers first, if that is written out', () => {
    expect(pinOf({ ...none, trust_on_first_use: true }, '').fingerprint).toBeUndefined()
  })
})
