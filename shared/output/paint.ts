/** Terminal colours with the escape codes that Salt's output uses, so that full output matches it to the letter. */

const codes = {
  red: '0;31',
  green: '0;32',
  yellow: '0;33',
  blue: '0;34',
  magenta: '0;35',
  cyan: '0;36',
  dim: '0;2',
  bold: '0;1',
  lightRed: '0;1;31',
  lightGreen: '0;1;32',
  lightYellow: '0;1;33',
  lightBlue: '0;1;34',
  lightMagenta: '0;1;35',
} as const

export type Color = keyof typeof codes

export interface Paint {
  readonly on: boolean
  (color: Color, text: string): string
  /** The opening code alone, for blocks whose end is written later; empty without colour. */
  open(color: Color): string
  readonly end: string
}

export function paintOf(on: boolean): Paint {
  const end = on ? '\x1b[0;0m' : ''
  const open = (color: Color): string => (on ? `\x1b[${codes[color]}m` : '')
  const paint = (color: Color, text: string): string => (on ? `${open(color)}${text}${end}` : text)
  return Object.assign(paint, { on, open, end })
}
