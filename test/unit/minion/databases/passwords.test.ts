/** Stored passwords: as the servers make them, and recognised without their text. */
import { describe, expect, test } from 'vitest'
import { nativeHash } from '../../../../minion/databases/mysql/password-hash.ts'
import {
  encryptionOf,
  isPassword,
  md5Verifier,
  scramVerifier,
} from '../../../../minion/databases/postgres/password-verifier.ts'
import { isPassword as isBrokerPassword } from '../../../../minion/databases/rabbitmq/password-hash.ts'

describe('PostgreSQL', () => {
  /** Salt and password of RFC 7677. */
  const pencil =
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU='

  test('SCRAM is made as the server makes it', () => {
    expect(scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), 4096)).toBe(pencil)
  })
  test.each([
    ['pencil', pencil, true],
    ['pencils', pencil, false],
    [pencil, pencil, true],
    ['sesame', md5Verifier('app', 'sesame'), true],
    ['sesame', md5Verifier('other', 'sesame'), false],
    ['plain', 'plain', true],
    ['pencil', pencil.replace('4096', '99999999'), false],
    ['pencil', pencil.replace('4096', '0'), false],
  ])('%s against %s: %s', (password, stored, expected) => {
    expect(isPassword('app', password, stored)).toBe(expected)
  })
  test('what is stored the one way or the other is told apart from plain text', () => {
    expect([md5Verifier('a', 'b'), pencil, 'md5short', 'SCRAM-SHA-256$x'].map(encryptionOf)).toEqual([
      'md5',
      'scram-sha-256',
      undefined,
      undefined,
    ])
  })
  test('forms of the same characters are the same password, as SASLprep has it', () => {
    const stored = scramVerifier('e\u0301 x')
    expect(isPassword('app', '\u00e9\u00a0x', stored)).toBe(true)
  })
})

test('mysql_native_password, as the manual of MySQL has it', () => {
  expect(nativeHash('mypass')).toBe('*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4')
})

test('RabbitMQ, by its own example', () => {
  const stored = 'kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR'
  expect(isBrokerPassword('test12', stored, 'rabbit_password_hashing_sha256')).toBe(true)
  expect(isBrokerPassword('test13', stored, 'rabbit_password_hashing_sha256')).toBe(false)
  expect(isBrokerPassword('x', stored, 'other')).toBeUndefined()
})
