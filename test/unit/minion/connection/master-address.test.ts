import { describe, expect, it } from 'vitest'
import {
  formatMasterAddress,
  parseMasterAddress,
  parseMasterAddresses,
} from '../../../../minion/connection/master-address.ts'

describe('addresses of masters', () => {
  it.each([
    ['salt', 'salt', 4510],
    ['salt.example.org:4511', 'salt.example.org', 4511],
    [' 10.0.0.1 ', '10.0.0.1', 4510],
    ['2001:db8::1', '2001:db8::1', 4510],
    ['[2001:db8::1]:99', '2001:db8::1', 99],
    ['[::1]', '::1', 4510],
  ])('%s', (text, host, port) => {
    expect(parseMasterAddress(text, 4510)).toEqual({ host, port })
  })

  it.each([
    '',
    ':',
    'a b',
    'salt:0',
    'salt:65536',
    'salt:x',
    'http://salt',
    '[salt]:1',
    'a/b',
    '-x',
    'fe80::1%eth0',
  ])('"%s" is refused', (text) => {
    expect(() => parseMasterAddress(text, 4510)).toThrow('not the address of a master')
  })

  it('come in lists, and go back to text', () => {
    const list = parseMasterAddresses(['a', '[::1]:7'], 4510)
    expect(list.map(formatMasterAddress)).toEqual(['a:4510', '[::1]:7'])
    expect(() => parseMasterAddresses([], 1)).toThrow('not the address of a master')
  })
})
