import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { PyFloat } from '../../../../shared/data/value.ts'
import { loadYaml } from '../../../../shared/render/yaml.ts'
import { environment, lines, nameList, textList, wholeList } from '../../../../shared/schema/collections.ts'
import { packageList } from '../../../../shared/schema/packages.ts'
import { absolutePath, formatMode, mode, modeOrKeep } from '../../../../shared/schema/paths.ts'
import {
  account,
  accountName,
  choice,
  flag,
  seconds,
  text,
  whole,
} from '../../../../shared/schema/scalars.ts'
import { sourceList } from '../../../../shared/schema/sources.ts'

/** The output, or the words of the refusal. */
function read(schema: v.GenericSchema, value: unknown): unknown {
  const result = v.safeParse(schema, value)
  return result.success ? result.output : result.issues[0].message
}

const fromYaml = (schema: v.GenericSchema, yaml: string): unknown => read(schema, loadYaml(yaml, 'test.sls'))

describe('modes', () => {
  test.each([
    ["'0644'", 0o644],
    ['0644', 0o644],
    ['644', 0o644],
    ["'644'", 0o644],
    ['755', 0o755],
    ["'2775'", 0o2775],
    ['1777', 0o1777],
    ['0', 0],
    ["'0o640'", 0o640],
    ["'00600'", 0o600],
  ])('%s', (yaml, bits) => expect(fromYaml(mode, yaml)).toBe(bits))

  test.each([['u=rw'], ["'0888'"], ["'77777'"], ['[644]'], ['true'], ["''"], ['-644'], ['6.44']])(
    '%s is refused',
    (yaml) => expect(fromYaml(mode, yaml)).toMatch(/^octal permissions such as '0644' are expected/),
  )

  test('keep is one where it may be', () => {
    expect(fromYaml(modeOrKeep, 'keep')).toBe('keep')
    expect(fromYaml(mode, 'keep')).toMatch(/octal/)
  })

  test('what is shown is read again', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0o7777 }), (bits) => read(mode, formatMode(bits)) === bits),
    ))
})

describe('scalars', () => {
  test('text takes what YAML read as a number, and refuses flags', () => {
    expect(fromYaml(text, '1.10')).toBe('1.1')
    expect(read(text, new PyFloat(2))).toBe('2.0')
    expect(read(text, 12n)).toBe('12')
    expect(fromYaml(text, 'yes')).toBe('text is expected, not True (put it in quotes)')
    expect(fromYaml(text, '[a]')).toBe('text is expected, not a list')
  })

  test.each([
    ['yes', true],
    ['False', false],
    ["'true'", true],
    ["'off'", false],
    ['1', true],
    ['0', false],
  ])('the flag %s', (yaml, value) => expect(fromYaml(flag, yaml)).toBe(value))

  test('a word that is no flag', () =>
    expect(fromYaml(flag, 'maybe')).toBe('True or False is expected, not "maybe"'))

  test('numbers', () => {
    expect(fromYaml(whole, '"12"')).toBe(12)
    expect(fromYaml(whole, '-1')).toMatch(/a whole number is expected/)
    expect(fromYaml(seconds, '0.5')).toBe(0.5)
    expect(fromYaml(seconds, 'soon')).toMatch(/a number of seconds/)
    expect(fromYaml(wholeList, '[1, "2"]')).toEqual([1, 2])
    expect(fromYaml(wholeList, '3')).toEqual([3])
  })

  test('accounts', () => {
    expect(fromYaml(account, '1000')).toBe(1000)
    expect(fromYaml(account, 'www-data')).toBe('www-data')
    expect(fromYaml(account, '"a b"')).toMatch(/a name or a number/)
    expect(fromYaml(accountName, '-oops')).toMatch(/a name of letters/)
  })

  test('choices', () => {
    expect(read(choice(['a', 'b']), 'b')).toBe('b')
    expect(read(choice(['a', 'b']), 'c')).toBe('one of a, b is expected, not "c"')
  })

  test('no value makes a schema throw', () =>
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const schema of [
          text,
          flag,
          whole,
          mode,
          account,
          textList,
          environment,
          packageList,
          sourceList,
          lines,
        ])
          v.safeParse(schema, value)
      }),
    ))
})

describe('paths', () => {
  test.each([
    ['/a//b/', '/a/b'],
    ['/a/./b', '/a/b'],
    ['/a/../b', '/a/../b'],
    ['/', '/'],
    ['/a/.hidden', '/a/.hidden'],
  ])('%s', (given, path) => expect(read(absolutePath, given)).toBe(path))

  test('of the home directory', () => expect(read(absolutePath, '~/x')).toMatch(/^\/.*\/?x$/))
  test('relative ones are refused', () =>
    expect(read(absolutePath, 'a/b')).toMatch(/an absolute path is expected/))
  test('a NUL character is refused', () => expect(read(absolutePath, '/a\0b')).toMatch(/NUL/))
})

describe('collections', () => {
  test('one text stands for a list', () => {
    expect(fromYaml(textList, 'a')).toEqual(['a'])
    expect(fromYaml(textList, '[a, 1]')).toEqual(['a', '1'])
    expect(fromYaml(textList, '[a, [b]]')).toBe('item 2: text is expected, not a list')
    expect(fromYaml(nameList, 'a, b,')).toEqual(['a', 'b'])
    expect(fromYaml(lines, '[True, x]')).toEqual(['True', 'x'])
  })

  test.each([
    ['{A: 1, B: yes, C: null}', { A: '1', B: 'True', C: '' }],
    ['[{A: 1}, {B: x}]', { A: '1', B: 'x' }],
    ['[A=1, B=x=y]', { A: '1', B: 'x=y' }],
    ['A=1', { A: '1' }],
  ])('the environment %s', (yaml, variables) =>
    expect({ ...(fromYaml(environment, yaml) as object) }).toEqual(variables),
  )

  test('packages', () => {
    expect(fromYaml(packageList, '[vim, {redis: 7.0, nginx: ">=1.2"}, git: null]')).toEqual([
      { name: 'vim' },
      { name: 'redis', version: '7.0' },
      { name: 'nginx', version: '>=1.2' },
      { name: 'git' },
    ])
    expect(fromYaml(packageList, '[-y]')).toBe('a package name is expected, not "-y"')
    expect(fromYaml(packageList, '[{a: [1]}]')).toBe('the version of a is text, not a list')
  })

  test('sources', () => {
    expect(fromYaml(sourceList, 'salt://a')).toEqual([{ url: 'salt://a' }])
    expect(fromYaml(sourceList, '[salt://a, {/b: md5=1}]')).toEqual([
      { url: 'salt://a' },
      { url: '/b', hash: 'md5=1' },
    ])
    expect(fromYaml(sourceList, 'a.conf')).toMatch(/a source is salt:\/\/PATH/)
    expect(fromYaml(sourceList, '[]')).toBe('the list of sources is empty')
  })
})
