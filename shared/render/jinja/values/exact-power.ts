/** `float ** float`: JavaScript's own is off in the last digit where C's is not. */

const mostBits = 1_000
/** Binary places of the logarithm: more than any rounding asks for. */
const places = 192n
const one = 1n << places
const view = new DataView(new ArrayBuffer(8))

/** Right to the last bit. */
export function exactPower(base: number, exponent: number): number {
  if (!Number.isFinite(base) || !Number.isFinite(exponent) || base === 0 || exponent === 0)
    return base ** exponent
  if (base === 1) return 1
  const isWhole = Number.isInteger(exponent)
  if (base < 0 && !isWhole) return Number.NaN
  const size =
    (isWhole ? wholePower(base, exponent) : undefined) ?? throughLogarithm(Math.abs(base), exponent)
  return base < 0 && exponent % 2 !== 0 ? -size : size
}

/** undefined: too many digits to write them out. */
function wholePower(base: number, exponent: number): number | undefined {
  const { digits, shift } = parts(base)
  const scale = shift * exponent
  if (exponent < 2 || digits.toString(2).length * exponent > mostBits || Math.abs(scale) > mostBits)
    return undefined
  return Number(digits ** BigInt(exponent)) * 2 ** scale
}

/** e to the exponent times the logarithm, in integers scaled by 2 ** places. */
function throughLogarithm(base: number, exponent: number): number {
  const rough = exponent * Math.log2(base)
  if (rough > 1100) return Number.POSITIVE_INFINITY
  if (rough < -1200) return 0
  const { digits, shift } = parts(exponent)
  const product = logarithm(base) * (exponent < 0 ? -digits : digits)
  const power = shift < 0 ? product >> BigInt(-shift) : product << BigInt(shift)
  const twos = Math.round(Number(power >> (places - 60n)) / Number(logarithmOfTwo >> (places - 60n)))
  return scaled(exponential(power - BigInt(twos) * logarithmOfTwo), twos)
}

/** Of a positive float. */
function logarithm(value: number): bigint {
  const { digits, shift } = parts(value)
  const width = BigInt(digits.toString(2).length - 1)
  const fraction = (digits << places) >> width
  return logarithmBelowTwo(fraction) + (BigInt(shift) + width) * logarithmOfTwo
}

/** Of 1 to 2, by the series of the inverse hyperbolic tangent. */
function logarithmBelowTwo(value: bigint): bigint {
  const ratio = ((value - one) << places) / (value + one)
  const square = (ratio * ratio) >> places
  let sum = 0n
  let term = ratio
  for (let index = 1n; term !== 0n; index += 2n) {
    sum += term / index
    term = (term * square) >> places
  }
  return sum * 2n
}

const logarithmOfTwo = logarithmBelowTwo(2n * one)

/** Of a small number. */
function exponential(value: bigint): bigint {
  let sum = 0n
  let term = one
  for (let index = 1n; term !== 0n && term !== -1n; index++) {
    sum += term
    term = ((term * value) >> places) / index
  }
  return sum
}

/** The nearest float of `value * 2 ** twos`; below the smallest normal ones digits go missing. */
function scaled(value: bigint, twos: number): number {
  const extra = Math.max(0, -1022 - twos)
  // What lies below is only to be seen as not being half way.
  const cut = extra === 0 ? value : (value >> BigInt(extra)) | 1n
  const size = Number(cut) / 2 ** Number(places)
  const left = twos + extra
  return left > 1000
    ? size * 2 ** 1000 * 2 ** (left - 1000)
    : extra > 0
      ? rounded(cut, left)
      : size * 2 ** left
}

/** Subnormal floats are multiples of 2 ** -1074. */
function rounded(value: bigint, twos: number): number {
  const drop = places - BigInt(twos + 1074)
  const whole = value >> drop
  const rest = value - (whole << drop)
  const half = 1n << (drop - 1n)
  return Number(rest > half || (rest === half && whole % 2n === 1n) ? whole + 1n : whole) * 2 ** -1074
}

/** A float's size as `digits * 2 ** shift`. */
function parts(value: number): { digits: bigint; shift: number } {
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const power = Number((bits >> 52n) & 0x7ffn)
  let digits = (bits & 0xfffffffffffffn) | (power === 0 ? 0n : 0x10000000000000n)
  let shift = Math.max(1, power) - 1075
  for (; digits % 2n === 0n; shift++) digits >>= 1n
  return { digits, shift }
}
