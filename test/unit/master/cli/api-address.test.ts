import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseApiAddress } from '../../../../master/cli/api-address.ts'

describe('the address of an API', () => {
  it.each([
    ['master', 'https://master:4511'],
    ['master:8000', 'https://master:8000'],
    ['master:443', 'https://master:443'],
    ['10.0.0.7', 'https://10.0.0.7:4511'],
    ['[::1]:4511', 'https://[::1]:4511'],
    ['https://Master.Example.org', 'https://master.example.org:443'],
    ['https://master:4511/', 'https://master:4511'],
  ])('%s is %s', (typed, address) => expect(parseApiAddress(typed)).toBe(address))

  it.each([
    ['http://master', 'not spoken over TLS'],
    ['ftp://master', 'not spoken over TLS'],
    ['https://alice:secret@master', 'does not belong into --api'],
    ['https://master/api/v1', 'more than an address'],
    ['https://master?token=1', 'more than an address'],
    ['https://', 'no address'],
    ['master:99999', 'no address'],
    ['', 'no address'],
    ['a b', 'no address'],
  ])('%s is refused', (typed, reason) => expect(() => parseApiAddress(typed)).toThrow(reason))

  it('is one of https, or a sentence, whatever is typed; and stays as it is once it is read', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.domain()), (typed) => {
        let address: string
        try {
          address = parseApiAddress(typed)
        } catch (error) {
          expect(error).toMatchObject({ code: 'usage-wrong' })
          return
        }
        expect(address).toMatch(/^https:\/\/[^/?#@\s]+:\d+$/)
        expect(parseApiAddress(address)).toBe(address)
      }),
    )
  })
})
