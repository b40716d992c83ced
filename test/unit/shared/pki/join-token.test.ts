import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../../shared/clock.ts'
import { parseFingerprint } from '../../../../shared/ids.ts'
import {
  formatJoinToken,
  hashTokenSecret,
  makeTokenSecret,
  parseJoinToken,
} from '../../../../shared/pki/join-token.ts'

const fingerprint = parseFingerprint('ab'.repeat(32))

describe('join tokens', () => {
  it('come back as they were', () => {
    const hosts = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6())
    fc.assert(
      fc.property(hosts, fc.integer({ min: 1, max: 65_535 }), (host, port) => {
        const token = { host, port, fingerprint, secret: makeTokenSecret(systemClock) }
        expect(parseJoinToken(` ${formatJoinToken(token)}\n`)).toEqual(token)
      }),
    )
  })

  it.each([
    ['', 'does not begin with'],
    ['tsalt1:host:4510', 'cut short'],
    [`tsalt1:host:4510:${fingerprint}:abc`, 'its secret has 3 characters'],
    [`tsalt1:host:4510:zz:${'0'.repeat(32)}`, 'its fingerprint'],
    [`tsalt1:host:0:${fingerprint}:${'0'.repeat(32)}`, 'no port 0'],
    [`tsalt1:::1:4510:${fingerprint}:${'0'.repeat(32)}`, 'brackets'],
  ])('%s is refused: %s', (text, reason) => {
    expect(() => parseJoinToken(text)).toThrow(reason)
  })

  it('are stored as a hash', () => {
    const secret = makeTokenSecret(systemClock)
    expect(hashTokenSecret(secret)).toMatch(/^[0-9a-f]{64}$/)
    expect(hashTokenSecret(secret)).not.toContain(secret)
  })
})
