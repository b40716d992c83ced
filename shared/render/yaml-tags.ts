/** Scalars with a tag, as PyYAML's safe loader constructs them. */
import type { Scalar } from '../data/value.ts'
import { asFloat, readBoolean, readFloat, readInteger, resolvePlain } from './yaml-scalars.ts'

/** @returns undefined: the text is none of that type */
export function readTagged(
  tag: string,
  text: string,
  plain: boolean,
): { readonly is: Scalar } | undefined | 'unknown tag' {
  switch (tag.replace(/^!<tag:yaml\.org,2002:(.*)>$/, '!!$1')) {
    case '!secret':
      return { is: plain ? resolvePlain(text) : text }
    case '!':
      // PyYAML takes it for "no tag", and quotes for none.
      return { is: resolvePlain(text) }
    case '!!str':
    case '!!python/unicode':
    case '!!timestamp':
      return { is: text }
    case '!!int':
      return found(readInteger(text))
    case '!!float':
      return found(readFloatTag(text))
    case '!!bool':
      return found(readBoolean(text))
    case '!!null':
      return { is: null }
    default:
      return 'unknown tag'
  }
}

const found = (value: Scalar | undefined): { readonly is: Scalar } | undefined =>
  value === undefined ? undefined : { is: value }

function readFloatTag(text: string): Scalar | undefined {
  const number = readFloat(text) ?? readInteger(text) ?? numberOf(text)
  return typeof number === 'number' || typeof number === 'bigint' ? asFloat(Number(number)) : number
}

/** What Python's `float` takes beyond YAML's floats: `1e3`. */
function numberOf(text: string): number | undefined {
  const digits = text.replaceAll('_', '')
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(digits) ? Number(digits) : undefined
}
