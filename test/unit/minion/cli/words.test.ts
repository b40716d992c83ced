/** The options of tsalt-call as they are typed: Salt's spellings, and those that it does not have. */
import { describe, expect, it, test } from 'vitest'
import { callWords } from '../../../../minion/cli/call-words.ts'
import { laterCallWords } from '../../../../minion/cli/later-words.ts'
import { helpText, readWords } from '../../../../minion/cli/words.ts'
import { isTsaltError } from '../../../../shared/errors/error.ts'

const read = (...words: string[]) => readWords(words, callWords, laterCallWords)

test('underscores and hyphens are the same in the name of an option, not in its value', () => {
  expect(read('--state_output=full_id', 'test.ping').options).toEqual({ stateOutput: 'full_id' })
  expect(read('test.ping', '--out_file', '/tmp/a_b')).toEqual({
    options: { outFile: '/tmp/a_b' },
    rest: ['test.ping'],
  })
})

test('what belongs to the function stays as it was typed', () => {
  expect(read('test.arg', '--no_such=1', '-x').rest).toEqual(['test.arg', '--no_such=1', '-x'])
  expect(read('test.arg', '--', '--args-stdin', '-m').rest).toEqual(['test.arg', '--args-stdin', '-m'])
})

describe('what salt-call has beside', () => {
  it.each(laterCallWords.flatMap(({ names }) => names))('%s is refused by name', (name) => {
    let caught: unknown
    try {
      read('test.ping', name, 'x')
    } catch (error) {
      caught = error
    }
    if (!isTsaltError(caught)) throw new Error(`${name}: ${caught}`)
    expect([caught.code, caught.exitCode]).toEqual(['usage-option-later', 64])
    expect(caught.message).toContain(name)
  })

  it('is nothing that tsalt-call has', () => {
    const own = Object.values(callWords).flatMap(({ names }) => names as readonly string[])
    const later = laterCallWords.flatMap(({ names }) => names)
    expect(own.filter((name) => later.includes(name))).toEqual([])
    expect(own.filter((name, at) => own.indexOf(name) !== at)).toEqual([])
  })
})

test('the help has every option in its group, and fits 100 columns', () => {
  const text = helpText('tsalt-call', 'Calls a function.', callWords)
  for (const { names } of Object.values(callWords)) expect(text).toContain(`  ${names.join(', ')}`)
  expect(text.split('\n').filter((line) => line.length > 100)).toEqual([])
  expect(text).toMatch(/Where it runs:\n.+\n\nOutput:\n.+\n\nPlace and log:\n/s)
})
