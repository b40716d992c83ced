/** What becomes part of a line of a file: a break in it would begin a line that nobody asked for. */
import type * as v from 'valibot'
import { Mismatch, readerOf, shaped, shapeOf } from './shaped.ts'

/** As another schema, without line breaks. One at the end, which `|` of YAML leaves, is taken off. */
export function inOneLine<Output extends string | readonly string[]>(
  schema: v.GenericSchema<unknown, Output>,
): v.GenericSchema<unknown, Output> {
  const { words, json } = shapeOf(schema) ?? { words: 'text', json: {} }
  return shaped<Output>({
    words,
    json,
    read(value) {
      const read = readerOf(schema)?.(value) as Output | Mismatch
      if (read instanceof Mismatch) return read
      const ends = typeof read === 'string' ? withoutEnd(read) : read.map(withoutEnd)
      const whole = typeof ends === 'string' ? ends : ends.join(' ')
      return /[\r\n]/.test(whole)
        ? new Mismatch('it has more than one line, and becomes part of one')
        : (ends as Output)
    },
  })
}

const withoutEnd = (text: string): string => text.replace(/\r?\n$/, '')
