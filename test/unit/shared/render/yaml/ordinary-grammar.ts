/** Random YAML as people write it, with an oddity now and then. */
import fc from 'fast-check'
import type { Node } from './document-lines.ts'
import { member, underSign } from './document-lines.ts'

const names = fc.oneof(
  { weight: 9, arbitrary: fc.stringMatching(/^[a-z]{1,5}$/) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'file.managed',
      '/etc/a.conf',
      'x y',
      '"q k"',
      "'s k'",
      '"e\\n"',
      '10',
      '2.5',
      'on',
      '~',
      'a:b',
      'http://x',
      'k ',
      '-x',
      '=',
      '<<',
      'a#b',
      "it's",
    ),
  },
)
const values = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z]{1,8}( [a-z0-9.:#/-]{1,6}){0,3}$/) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '1',
      '0644',
      '1.5',
      'true',
      'No',
      '~',
      'null',
      '12:30',
      '2024-01-01',
      '-5',
      '-x',
      ':x',
      '?x',
      'salt://a/b',
      'a: b',
      'a #c',
      'é',
      '😀',
      '*x',
      '&x y',
      '!x y',
      '{{ x }}',
      '%x',
      'a, b',
      '[x',
      'x]',
      'a\tb',
      '-',
      '- x',
      '<<',
      '=',
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .array(
        fc.constantFrom(
          'a',
          ' ',
          'b c',
          "''",
          '"',
          ': ',
          ' #',
          'é',
          '\\',
          '{',
          '\t',
          '\n  ',
          '\n\n    ',
          '\n',
        ),
        { maxLength: 5 },
      )
      .map((parts) => `'${parts.join('')}'`),
  },
  {
    weight: 3,
    arbitrary: fc
      .array(
        fc.constantFrom(
          'a',
          ' ',
          '\\n',
          '\\t',
          '\\"',
          '\\\\',
          '\\x41',
          '\\u00e9',
          '\\U0001F600',
          "'",
          ' #',
          '\n  ',
          '\n\n  ',
          '\\\n  ',
          '\\ ',
          '\n',
          '\\q',
        ),
        { maxLength: 5 },
      )
      .map((parts) => `"${parts.join('')}"`),
  },
)
const gap = fc.constantFrom('', '', ' ', ' ', ' ', '  ', '\n  ', '\n    ', ' # c\n    ', '\n')
const { flow } = fc.letrec<{ flow: string; node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 5, arbitrary: values },
    { weight: 2, arbitrary: tie('flow') },
  ),
  flow: fc.oneof(
    fc
      .tuple(
        fc.array(fc.tuple(gap, tie('node'), gap), { maxLength: 3 }),
        fc.constantFrom('', '', '', ',', '\n'),
      )
      .map(([items, end]) => `[${items.map((item) => item.join('')).join(',')}${end}]`),
    fc
      .tuple(
        fc.array(
          fc.tuple(gap, names, fc.constantFrom(': ', ': ', ': ', ':', ' : ', ':\n  '), tie('node'), gap),
          { maxLength: 3 },
        ),
        fc.constantFrom('', '', '', ',', '\n  '),
      )
      .map(([items, end]) => `{${items.map((item) => item.join('')).join(',')}${end}}`),
  ),
}))
const comment = fc.constantFrom('', '', '', '', '', ' # c', '  ', '#c', ' #')
const one = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: values },
      { weight: 2, arbitrary: flow },
      { weight: 1, arbitrary: fc.constant('') },
    ),
    comment,
  )
  .map(([value, end]): Node => ({ head: value + end, lines: [] }))
const blockText = fc
  .tuple(
    fc.constantFrom('|', '|', '>', '|-', '|+', '>-', '>+', '| # c', '|2'),
    fc.array(
      fc.constantFrom(
        'text',
        'more  text ',
        'x: y',
        '# no comment',
        '',
        '',
        '  deeper',
        '   ',
        '\ttab',
        '- é',
        '{{ a }}',
      ),
      { minLength: 1, maxLength: 5 },
    ),
  )
  .map(([head, lines]): Node => ({ head, lines }))
const indent = fc.constantFrom(2, 2, 2, 2, 4, 3, 1, 0)

const { collection } = fc.letrec<{ collection: Node; node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 6, arbitrary: one },
    { weight: 1, arbitrary: blockText },
    { weight: 4, arbitrary: tie('collection') },
  ),
  collection: fc.oneof(
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(tie('node'), fc.constantFrom(2, 2, 2, 4)), { minLength: 1, maxLength: 4 })
        .map(
          (items): Node => ({ head: '', lines: items.flatMap(([item, deep]) => underSign('-', item, deep)) }),
        ),
    },
    {
      weight: 2,
      arbitrary: fc
        .uniqueArray(
          fc.tuple(names, tie('node'), indent, fc.constantFrom(': ', ': ', ': ', ': ', ' : ', ':')),
          { minLength: 1, maxLength: 4, selector: ([name]) => name },
        )
        .map(
          (pairs): Node => ({
            head: '',
            lines: pairs.flatMap(([key, item, deep, sign]) =>
              member(key + (item.head === '' && sign !== ' : ' ? ':' : sign), item, deep),
            ),
          }),
        ),
    },
  ),
}))

export const ordinaryDocuments: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('', '', '', '', '# c\n', '\n', '---\n', '---\n\n# c\n'),
    collection,
    fc.array(fc.tuple(fc.nat(8), fc.constantFrom('', '# c', '   ', '   # c')), { maxLength: 2 }),
    fc.constantFrom('\n', '\n', '\n', '', '\n\n', '\n# c'),
  )
  .map(([start, { lines }, extra, end]) => {
    const all = [...lines]
    for (const [at, line] of extra) all.splice(at % (all.length + 1), 0, line)
    return start + all.join('\n') + end
  })
