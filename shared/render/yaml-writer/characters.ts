/** Classes of UTF-16 units, as libyaml's emitter tells them apart. */

export const isBreak = (unit: number): boolean =>
  unit === 10 || unit === 13 || unit === 0x85 || unit === 0x2028 || unit === 0x2029

/** The end of a text (NaN) counts as blank. */
export const isBlankOrEnd = (unit: number): boolean =>
  unit === 32 || unit === 9 || unit === 0 || Number.isNaN(unit) || isBreak(unit)

/** Marks, embeddings, overrides and isolates of bidirectional text, and breaks that terminals may take for such. */
export const reorders = (unit: number): boolean =>
  unit === 0x61c ||
  unit === 0x200e ||
  unit === 0x200f ||
  (unit >= 0x2028 && unit <= 0x202e) ||
  (unit >= 0x2066 && unit <= 0x2069)

/** Neither tabs nor what lies beyond the basic plane is printable there. */
export function isPrintable(unit: number): boolean {
  if (unit < 0x7f) return unit >= 32 || unit === 10
  return unit >= 0xa0 && unit !== 0xfeff && unit < 0xfffe && (unit < 0xd800 || unit > 0xdfff)
}

/** Whether a unit can stand as it is, in quotes if need be. */
export function canStand(
  unit: number,
  options: { readonly allowUnicode: boolean; readonly forTerminals: boolean },
): boolean {
  if (unit <= 126) return isPrintable(unit)
  return options.allowUnicode && isPrintable(unit) && !(options.forTerminals && reorders(unit))
}
