/** What pip, npm, gem and debconf print, and versions and requirements as people write them. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseDebconfDatabase, parseSelections } from '../../../../minion/installers/debconf.ts'
import {
  compareGemVersions,
  parseGemFile,
  parseGemList,
  parseGemRequirement,
} from '../../../../minion/installers/gem.ts'
import { npmComplaint, parseNpmList, parseNpmWish } from '../../../../minion/installers/npm.ts'
import { parseList, pipComplaint, withoutPasswords } from '../../../../minion/installers/pip.ts'
import { parseRequirement, parseRequirementsFile } from '../../../../minion/installers/python-requirement.ts'
import {
  comparePythonVersions,
  parseSpecifiers,
  satisfies,
} from '../../../../minion/installers/python-version.ts'

const done = { code: 1, stdout: '', stderr: '', pid: 1, timedOut: false, dropped: 0 }

describe('versions of Python packages', () => {
  it('are ordered: early ones before, later ones behind', () => {
    const ordered = [
      '0.9',
      '1.0.dev1',
      '1.0a1.dev1',
      '1.0a1',
      '1.0b2',
      '1.0rc1',
      '1.0',
      '1.0+local',
      '1.0.post1',
      '1.0.1',
      '1.10',
      '1!0.1',
    ]
    for (const [index, one] of ordered.entries())
      for (const [other, two] of ordered.entries())
        expect([one, two, comparePythonVersions(one, two)]).toEqual([one, two, Math.sign(index - other)])
    expect(comparePythonVersions('1.0', 'v1.0.0')).toBe(0)
    expect(comparePythonVersions('1.0-1', '1.0.post1')).toBe(0)
  })

  test.each([
    ['1.4.5', '~=1.4.2', true],
    ['1.5.0', '~=1.4.2', false],
    ['1.9', '~=1.4', true],
    ['1.4.5', '==1.4.*', true],
    ['1.40', '==1.4.*', false],
    ['1.0.post1', '>1.0', false],
    ['1.0rc1', '<1.0', false],
    ['1.0+deb1', '==1.0', true],
    ['2.0', '>=1,<2', false],
  ])('%s meets %s: %s', (version, text, expected) => {
    expect(satisfies(version, parseSpecifiers(text) ?? [])).toBe(expected)
  })

  it('never throw, whatever is written', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect([-1, 0, 1]).toContain(comparePythonVersions(a, b))
        expect(comparePythonVersions(a, a)).toBe(0)
        parseRequirementsFile(a)
        parseGemRequirement(a)
        parseNpmWish(a)
      }),
    )
  })
})

describe('requirements', () => {
  test.each([
    ['Flask', 'Flask', []],
    [
      'Flask[async] >= 2, < 3',
      'Flask',
      [
        ['>=', '2'],
        ['<', '3'],
      ],
    ],
    ['foo (==1.2)', 'foo', [['==', '1.2']]],
    ["foo>1; python_version < '3'", 'foo', undefined],
    ['git+https://example.org/a.git@main#egg=tool', 'tool', []],
    ['/srv/wheels/my_tool-1.2-py3-none-any.whl', 'my_tool', [['==', '1.2']]],
    ['tool @ https://example.org/tool.zip', 'tool', []],
    ['/srv/checkout', undefined, undefined],
  ])('%s', (text, name, clauses) => {
    expect(parseRequirement(text)).toMatchObject({ text, name, clauses })
  })

  it('stand in files with options, comments and continued lines', () => {
    const { requirements, opaque } = parseRequirementsFile(
      '# ours\n-i https://index.example.org/simple\na==1 \\\n  --hash=sha256:abc\nb  # newest\n',
    )
    expect([requirements.map((one) => one.text), opaque]).toEqual([['a==1', 'b'], false])
    expect(parseRequirementsFile('-r other.txt\n').opaque).toBe(true)
  })
})

describe('what programs print', () => {
  it('pip', () => {
    const list = parseList('[{"name": "Zope.Interface", "version": "5"}]')
    expect(list?.get('zope-interface')).toEqual({ name: 'Zope.Interface', version: '5', editable: undefined })
    expect(parseList('ERROR')).toBeUndefined()
    expect(withoutPasswords('https://me:secret@index.example.org/x')).toBe(
      'https://me:***@index.example.org/x',
    )
    expect(pipComplaint({ ...done, stderr: 'error: externally-managed-environment' })).toContain('bin_env')
  })

  it('npm', () => {
    const list = parseNpmList(
      '{"dependencies": {"a": {"version": "1.0.0", "resolved": "file:../x.tgz"}, "b": {"required": "^1", "missing": true}}}',
    )
    expect([...(list ?? [])]).toEqual([['a', { name: 'a', version: '1.0.0', resolved: 'file:../x.tgz' }]])
    expect(parseNpmWish('@scope/name@^2')).toMatchObject({ name: '@scope/name', version: '^2' })
    expect(parseNpmWish('/srv/x-1.0.tgz').name).toBeUndefined()
    expect(
      npmComplaint({
        ...done,
        stderr: 'npm ERR! code E404\nnpm ERR! A complete log of this run can be found in: /x\n',
      }),
    ).toBe('code E404')
  })

  it('gem', () => {
    expect(
      parseGemList(
        '*** LOCAL GEMS ***\n\nabbrev (default: 0.1.0)\nrake (13.0.6, default: 12.3)\nnokogiri (1.15.0 x86_64-linux)\n',
      ),
    ).toEqual(
      new Map([
        ['abbrev', ['0.1.0']],
        ['rake', ['13.0.6', '12.3']],
        ['nokogiri', ['1.15.0']],
      ]),
    )
    expect(parseGemFile('/srv/my-tool-1.2.0.gem')).toEqual({ name: 'my-tool', version: '1.2.0' })
    expect(compareGemVersions('1.0.a', '1.0')).toBe(-1)
    expect(parseGemRequirement('~> 1.2.3')?.('1.3')).toBe(false)
    expect(parseGemRequirement('newest')).toBeUndefined()
  })

  it('debconf', () => {
    const [first] = parseDebconfDatabase(
      'Name: a/b\nTemplate: a/b\nValue: one\\ntwo: three\nOwners: a, c\n\n',
    )
    expect(first?.get('value')).toBe('one\ntwo: three')
    expect(parseSelections('a a/b string \\\n one\n# x\na a/c boolean true\n')).toMatchObject([
      { value: ' one' },
      { value: 'true' },
    ])
    expect(parseSelections('a a/b unknown x')).toBe('a a/b unknown x')
  })
})
