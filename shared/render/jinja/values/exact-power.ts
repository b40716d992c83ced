/** `float ** int`: JavaScript's own is off in the last digit where C's is not. */

const mostBits = 1_000
const view = new DataView(new ArrayBuffer(8))

/** Right to the last bit for small whole exponents, else as JavaScript has it. */
export function exactPower(base: number, exponent: number): number {
  if (!Number.isInteger(exponent) || exponent < 2 || !Number.isFinite(base) || base === 0)
    return base ** exponent
  const { digits, shift } = parts(base)
  const scale = shift * exponent
  if (digits.toString(2).length * exponent > mostBits || Math.abs(scale) > mostBits) return base ** exponent
  const size = Number(digits ** BigInt(exponent)) * 2 ** scale
  return base < 0 && exponent % 2 === 1 ? -size : size
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
