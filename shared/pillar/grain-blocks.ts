/**
 * The master opens what is encrypted for the files and sources of the operator. A minion could put a block that is
 * meant for another one into a grain, and wait for a template to print that grain: such blocks stay closed.
 */
import { type Dict, isDict, isList, type Key, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import type { Ciphers } from '../render/ciphers.ts'

/** Characters of a block that are looked for at once; nothing else has so many of them by chance. */
const piece = 40
/** Pieces of one block that are looked for: what came from a grain came whole. */
const mostPieces = 8

export function withoutGrainBlocks(ciphers: Ciphers, grains: Dict): Ciphers {
  let known: string | undefined
  return {
    async open(cipher, block) {
      known ??= textOf(grains)
      if (piecesOf(block).some((one) => known?.includes(one)))
        throw new TsaltError('cipher-from-grain', { cipher })
      return ciphers.open(cipher, block)
    },
  }
}

/** Without its frame, and without what a template may have put between its lines. */
function piecesOf(block: string): string[] {
  const text = lettersOf(block.replace(/-----[A-Z ]+-----/g, ''))
  const pieces: string[] = []
  for (let at = 0; at < text.length && pieces.length < mostPieces; at += piece)
    pieces.push(text.slice(at, at + piece))
  return text.length > piece ? pieces.filter(({ length }) => length === piece) : pieces
}

const lettersOf = (text: string): string => text.replaceAll('\\n', '').replace(/[^A-Za-z0-9+/=]+/g, '')

/** All texts of the grains one after another: a template may join a list of letters. */
function textOf(grains: Dict): string {
  const texts: string[] = []
  const walk = (value: Value | Key): void => {
    if (typeof value === 'string') texts.push(value)
    else if (isList(value as Value)) for (const item of value as Value[]) walk(item)
    else if (isDict(value as Value))
      for (const [key, item] of value as Dict) {
        walk(key)
        walk(item)
      }
  }
  walk(grains)
  return lettersOf(texts.join(''))
}
