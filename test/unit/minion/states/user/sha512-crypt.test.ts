/** The hash of glibc's crypt, against what crypt itself makes of these passwords. */
import { expect, test } from 'vitest'
import { isSha512Crypt, sha512Crypt } from '../../../../../minion/states/user/sha512-crypt.ts'

const long = 'pässwörter, a long one of more than sixty-four bytes, to see that it repeats as it has to'

test.each([
  [
    'Hello world!',
    '$6$saltstring',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  [
    'Hello world!',
    '$6$rounds=10000$saltstringsaltstring',
    '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
  ],
  [
    long,
    '$6$abc$whatever',
    '$6$abc$enN.FzKvpZbqvmEMwDViBBa6naJ8erVzeupiT2m/gvv1sPyhfn8yOCXbUOVEGmP9atqSrmtVYtlyAtOTRJ7C60',
  ],
])('%s with %s', (password, setting, hash) => {
  expect(sha512Crypt(password, setting)).toBe(hash)
  expect(isSha512Crypt(password, hash)).toBe(true)
  expect(isSha512Crypt(`${password} `, hash)).toBe(false)
})

test('other kinds of hashes are none of its own', () => {
  expect(sha512Crypt('a', '$y$j9T$salt')).toBeUndefined()
  expect(isSha512Crypt('a', '!')).toBe(false)
})
