/** Shapes of arguments that several file functions take. */
import { isList } from '../../../shared/data/value.ts'
import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'

/** `minion`, `master`, `both`; `''` and False for none. */
export const backupChoice = shaped<string>({
  words: '`minion`, `both`, or False',
  json: { enum: ['minion', 'both', 'master', '', false, true] },
  read(value) {
    if (value === false || value === '') return ''
    // file.replace takes True and file name endings here; copies of managed files go to the cache all the same.
    if (value === true) return 'minion'
    const word = readText(value)
    if (word === 'minion' || word === 'both' || word === 'master') return word
    return word?.startsWith('.')
      ? 'minion'
      : new Mismatch(`minion, both or False is expected, not ${describeValue(value)}`)
  },
})

/** Ending of a copy beside the file: `.bak`; '' for none. */
export const backupEnding = shaped<string>({
  words: 'ending such as `.bak`, or False',
  json: { type: ['string', 'boolean'] },
  read(value) {
    if (value === false || value === '') return ''
    if (value === true) return '.bak'
    const ending = readText(value)
    if (ending === undefined || /[/\0]/.test(ending))
      return new Mismatch(`an ending such as .bak is expected, not ${describeValue(value)}`)
    return falseWords.has(ending.toLowerCase()) ? '' : ending
  },
})

const falseWords = new Set(['false', 'no', 'none'])

/** One command; as a global argument it may stand in a list. */
export const checkCommand = shaped<string>({
  words: 'command',
  json: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, maxItems: 1 }] },
  read(value) {
    const [command, more] = isList(value) ? value : [value]
    const read = readText(command)
    if (read === undefined || read === '' || more !== undefined)
      return new Mismatch(`one command is expected, not ${describeValue(value)}`)
    return read
  },
})
