/** Random YAML documents: mostly right ones, with everything that PyYAML reads, and with mistakes here and there. */
import fc from 'fast-check'
import { member, type Node, underSign } from './document-lines.ts'
import { plainScalars } from './scalar-grammar.ts'

const names = fc.constantFrom(
  'a',
  'b',
  'c',
  'key',
  'x y',
  'file.managed',
  '/etc/a.conf',
  'on',
  '1',
  '2.5',
  '~',
)
const plain = fc.oneof(
  { weight: 4, arbitrary: names },
  { weight: 2, arbitrary: plainScalars },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'a b c',
      'a: b',
      'a #b',
      'a#b',
      'http://x:80/y',
      'a:b',
      '-x',
      '- x',
      '?x',
      ':x',
      'a, b',
      'a]b',
      '{{ x }}',
      '%a',
      '@a',
      '`a`',
      '|a',
      '>',
      '!',
      '!x',
      '<<',
      'é語',
      '😀',
      'a\u00a0b',
      'a\u2028b',
      'a\u0085b',
      'a\tb',
      "it's",
      'a"b',
      '\\',
      '---',
      '...',
      '--- a',
      'a\u0007',
      '\ufeffa',
      '*',
      '&',
    ),
  },
)
const quoted = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        'a',
        ' ',
        '  ',
        "''",
        '"',
        '\\',
        '\n',
        '\n\n',
        '\n ',
        ': ',
        ' #',
        'é',
        '\t',
        '{',
        '\r\n',
        "'",
      ),
      { maxLength: 6 },
    )
    .map((parts) => `'${parts.join('')}'`),
  fc
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
        '\\e',
        '\\0',
        '\\_',
        '\\N',
        '\\L',
        '\\ ',
        '\\/',
        '\\\n',
        '\n',
        '\n\n',
        ' \n ',
        "'",
        '#',
        '\\q',
        '\\x4',
        'é',
        '\t',
        '\\ud800',
      ),
      { maxLength: 6 },
    )
    .map((parts) => `"${parts.join('')}"`),
)
const property = fc.constantFrom(
  '&a ',
  '&b ',
  '!!str ',
  '!!int ',
  '!!float ',
  '!!bool ',
  '!!null ',
  '!!map ',
  '!!seq ',
  '! ',
  '!!python/object:os.system ',
  '!x ',
  '!<tag:yaml.org,2002:str> ',
  '!!set ',
  '!!omap ',
  '!!pairs ',
  '!!binary ',
  '!!python/unicode ',
  '!!timestamp ',
  '&a !!str ',
)
const alias = fc.constantFrom('*a', '*b', '*c')
const gap = fc.constantFrom(' ', ' ', ' ', '  ', '', '\t', '\n', '\n  ', ' # c\n ')

const scalar = fc.oneof(
  { weight: 5, arbitrary: plain },
  { weight: 2, arbitrary: quoted },
  { weight: 1, arbitrary: alias },
)

const { flow } = fc.letrec<{ flow: string; node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 6, arbitrary: scalar },
    { weight: 1, arbitrary: fc.tuple(property, scalar).map((parts) => parts.join('')) },
    { weight: 2, arbitrary: tie('flow') },
  ),
  flow: fc.oneof(
    fc
      .tuple(fc.array(fc.tuple(gap, tie('node')), { maxLength: 3 }), fc.constantFrom('', '', ',', ' '))
      .map(([items, end]) => `[${items.map((item) => item.join('')).join(',')}${end}]`),
    fc
      .tuple(
        fc.array(fc.tuple(gap, tie('node'), fc.constantFrom(': ', ': ', ': ', ':', ' : ', ''), tie('node')), {
          maxLength: 3,
        }),
        fc.constantFrom('', '', ',', ' '),
      )
      .map(([items, end]) => `{${items.map((item) => item.join('')).join(',')}${end}}`),
  ),
}))

const inline: fc.Arbitrary<Node> = fc
  .oneof({ weight: 5, arbitrary: scalar }, { weight: 2, arbitrary: flow })
  .map((head) => ({ head, lines: [] }))
const blockText: fc.Arbitrary<Node> = fc
  .tuple(
    fc.constantFrom('|', '>', '|', '>', '|-', '|+', '>-', '>+', '|2', '|1-', '>+1', '|0', '| # c', '|x'),
    fc.array(
      fc.constantFrom(
        'text',
        'more text',
        '',
        '',
        ' deeper',
        '   ',
        '# not a comment',
        '- x',
        'k: v',
        '\ttab',
        'é',
        '{{ y }}',
        '---',
      ),
      { maxLength: 5 },
    ),
  )
  .map(([head, lines]) => ({ head, lines }))
const manyLines: fc.Arbitrary<Node> = fc
  .array(plain, { minLength: 1, maxLength: 3 })
  .map(([head = '', ...lines]) => ({ head, lines }))

const { block } = fc.letrec<{ block: Node; list: Node; mapping: Node; node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 6, arbitrary: inline },
    { weight: 2, arbitrary: tie('list') },
    { weight: 3, arbitrary: tie('mapping') },
    { weight: 1, arbitrary: blockText },
    { weight: 1, arbitrary: manyLines },
    { weight: 1, arbitrary: fc.constant<Node>({ head: '', lines: [] }) },
  ),
  block: fc
    .tuple(fc.option(property, { freq: 6, nil: '' }), tie('node'))
    .map(([head, node]) => ({ head: head + node.head, lines: node.lines })),
  list: fc
    .tuple(
      fc.array(fc.tuple(tie('block'), fc.constantFrom(2, 2, 2, 4, 1)), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
    )
    .map(([items]) => ({ head: '', lines: items.flatMap(([item, indent]) => underSign('-', item, indent)) })),
  mapping: fc
    .array(
      fc.tuple(
        fc.oneof(
          { weight: 8, arbitrary: names },
          { weight: 1, arbitrary: scalar },
          { weight: 1, arbitrary: fc.constantFrom('<<', '? a\n', '? [b]\n', '=', '&a k', '') },
        ),
        fc.constantFrom(': ', ': ', ': ', ':', ' : ', ':\t'),
        tie('block'),
        fc.constantFrom(2, 2, 2, 4, 0),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((pairs) => ({
      head: '',
      lines: pairs.flatMap(([key, sign, item, indent]) => member(key + sign, item, indent)),
    })),
}))

const noise = fc.constantFrom(
  '',
  '',
  '',
  '',
  '# c',
  '  # c',
  '\t',
  '   ',
  '---',
  '...',
  '%YAML 1.1',
  '%TAG ! tag:x,2000:',
)

export const documents: fc.Arbitrary<string> = fc
  .tuple(
    fc.option(noise, { freq: 4, nil: undefined }),
    fc.oneof(
      { weight: 4, arbitrary: block },
      { weight: 1, arbitrary: flow.map((head): Node => ({ head, lines: [] })) },
    ),
    fc.option(noise, { freq: 6, nil: undefined }),
    fc.constantFrom('\n', '\n', '\n', '\n', '\r\n', '\n\n'),
    fc.constantFrom('', '\n'),
    fc.constantFrom('', '', '', '', '', '', '\ufeff'),
  )
  .map(([before, { head, lines }, after, end, last, mark]) => {
    const all = [before, head === '' ? undefined : head, ...lines, after].filter((line) => line !== undefined)
    return mark + all.join(end) + last
  })
