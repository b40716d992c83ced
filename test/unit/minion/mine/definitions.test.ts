/** The forms of `mine_functions`, and what is wrong with others. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { configuredFunctions, definitionsOf, signatureOf } from '../../../../minion/mine/definitions.ts'
import { toPlain, toValue, type Value } from '../../../../shared/data/value.ts'
import { isTsaltError } from '../../../../shared/errors/error.ts'
import { loadYaml } from '../../../../shared/render/yaml.ts'

const read = (text: string): Value => loadYaml(text, 'mine')
const plain = (text: string): unknown =>
  definitionsOf(read(text)).map(({ kwargs, args, ...rest }) => ({
    ...rest,
    args: args.map(toPlain),
    kwargs: toPlain(kwargs),
  }))
const one = (name: string, fun: string, args: unknown[] = [], kwargs: object = {}, readers?: object) => ({
  name,
  fun,
  args,
  kwargs,
  ...(readers ? { readers } : {}),
})

describe('mine_functions', () => {
  test.each([
    ['{}', []],
    [
      '[network.ip_addrs, test.ping]',
      [one('network.ip_addrs', 'network.ip_addrs'), one('test.ping', 'test.ping')],
    ],
    ['[{network.ip_addrs: [eth0]}]', [one('network.ip_addrs', 'network.ip_addrs', ['eth0'])]],
    ['{test.ping: null}', [one('test.ping', 'test.ping')]],
    ['{test.ping: []}', [one('test.ping', 'test.ping')]],
    ['{network.ip_addrs: [eth0]}', [one('network.ip_addrs', 'network.ip_addrs', ['eth0'])]],
    [
      '{network.ip_addrs: {interface: eth0}}',
      [one('network.ip_addrs', 'network.ip_addrs', [], { interface: 'eth0' })],
    ],
    [
      '{inside: [{mine_function: network.ip_addrs}, eth0, {cidr: 10.0.0.0/8}]}',
      [one('inside', 'network.ip_addrs', ['eth0'], { cidr: '10.0.0.0/8' })],
    ],
    [
      '{keys: {mine_function: cmd.run, cmd: cat /etc/x, python_shell: true}}',
      [one('keys', 'cmd.run', [], { cmd: 'cat /etc/x', python_shell: true })],
    ],
    [
      "{grains.items: [{allow_tgt: 'G@role:db'}, {allow_tgt_type: compound}]}",
      [one('grains.items', 'grains.items', [], {}, { kind: 'compound', expression: 'G@role:db' })],
    ],
    [
      '{test.ping: {allow_tgt: web*}}',
      [one('test.ping', 'test.ping', [], {}, { kind: 'glob', expression: 'web*' })],
    ],
    [
      '{test.ping: {allow_tgt: [web1, web2]}}',
      [one('test.ping', 'test.ping', [], {}, { kind: 'list', expression: 'web1,web2' })],
    ],
    ["{test.ping: {allow_tgt: ''}}", [one('test.ping', 'test.ping')]],
  ])('%s', (text, expected) => {
    expect(plain(text)).toEqual(expected)
  })

  test.each([
    ['text', 'neither a list nor a mapping of functions'],
    ['{cmd.run: uptime}', 'neither a list nor a mapping of arguments'],
    ['{inside: [eth0]}', 'not the name of a function'],
    ['{inside: [{mine_function: [a]}]}', '"mine_function" is not'],
    ['{test.ping: {allow_tgt: 5}}', 'allow_tgt is not a target'],
    ['{test.ping: {allow_tgt: a, allow_tgt_type: grian}}', 'no kind of target "grian"'],
    ["{'a b': {mine_function: test.ping}}", 'without blanks'],
    ["{'a,b': {mine_function: test.ping}}", 'without blanks and commas'],
  ])('%s is refused: %s', (text, reason) => {
    expect(() => definitionsOf(read(text))).toThrow(reason)
  })

  test('the configuration wins over the pillar, name by name, whatever the form of either', () => {
    const configuration = new Map([['mine_functions', read('[test.ping, {a: {mine_function: test.ping}}]')]])
    const pillar = new Map([['mine_functions', read('{test.ping: [1], disk.usage: []}')]])
    const merged = configuredFunctions(configuration, pillar)
    expect([...merged.keys()]).toEqual(['test.ping', 'a', 'disk.usage'])
    expect(merged.get('test.ping')).toBeNull()
    expect(signatureOf(merged)).not.toBe(signatureOf(configuredFunctions(new Map(), pillar)))
  })

  test('anything is read or refused with a code', () => {
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('mine_function', 'allow_tgt', 'allow_tgt_type', 'test.ping', 'glob', 'web*'),
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom('mine_function', 'allow_tgt', 'allow_tgt_type', 'test.ping'),
          tie('value'),
        ),
      ),
    })).value
    fc.assert(
      fc.property(value, (written) => {
        try {
          definitionsOf(toValue(written as never))
        } catch (error) {
          expect(isTsaltError(error) && error.code).toBe('mine-functions-invalid')
        }
      }),
      { numRuns: 500 },
    )
  })
})
