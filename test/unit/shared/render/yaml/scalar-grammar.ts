/** Unquoted scalars that look like numbers, dates, booleans and nothing of the kind. */
import fc from 'fast-check'

const digits = fc.stringMatching(/^[0-9]{1,4}$/)
const part = fc.oneof(
  digits,
  fc.constantFrom(
    ...'0 1 8 9 00 07 010 59 60 . _ : e E e+ E- + - 0x 0o 0b 0X a f F 1_0 inf Inf nan NaN T Z'.split(' '),
  ),
)
const numberLike = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''))
const sexagesimal = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    fc.array(fc.oneof(digits, fc.constantFrom('0', '59', '60', '5', '05', '1_0')), {
      minLength: 2,
      maxLength: 4,
    }),
    fc.constantFrom('', '.', '.5', '._1', '.0'),
  )
  .map(([sign, parts, fraction]) => sign + parts.join(':') + fraction)
const float = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    fc.constantFrom('', '0', '1', '12', '1_2', '_1', '007'),
    fc.constantFrom('.', '', '._', '.0', '.5', '.25_'),
    fc.constantFrom('', 'e3', 'e+3', 'E-2', 'e+', 'e+1_0', 'e+400', 'e-400'),
  )
  .map((parts) => parts.join(''))
const words = 'y n yes no on off true false null inf nan .inf .nan -.inf +.inf ~ = << < - -- .'.split(' ')
const cased = fc
  .tuple(fc.constantFrom(...words), fc.bigInt({ min: 0n, max: 255n }))
  .map(([word, mask]) =>
    [...word].map((sign, at) => ((mask >> BigInt(at)) & 1n ? sign.toUpperCase() : sign)).join(''),
  )
const date = fc
  .tuple(
    fc.constantFrom('2024-01-02', '2024-1-2', '24-01-02', '2024-01', '2024-13-45'),
    fc.constantFrom(
      '',
      'T10:20:30',
      ' 10:20:30',
      't1:2:3',
      ' 10:20:30.5',
      '  10:20:30 Z',
      'T10:20:30+1:30',
      ' x',
    ),
  )
  .map((parts) => parts.join(''))

export const plainScalars: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: numberLike },
  { weight: 2, arbitrary: sexagesimal },
  { weight: 2, arbitrary: float },
  { weight: 2, arbitrary: cased },
  { weight: 1, arbitrary: date },
)
