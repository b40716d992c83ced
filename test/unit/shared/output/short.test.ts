import { describe, expect, it } from 'vitest'
import { type Plain, toValue } from '../../../../shared/data/value.ts'
import { formatHosts, type HostReturn, type OutputSettings } from '../../../../shared/output/format.ts'

const settings: OutputSettings = {
  out: undefined,
  stateForm: 'short',
  stateVerbose: true,
  color: false,
  unicode: true,
}

function host(id: string, ...states: Record<string, Plain>[]): HostReturn {
  const ret = Object.fromEntries(
    states.map((fields, order) => [
      `${fields.mod ?? 'file'}_|-s${order}_|-s${order}_|-managed`,
      {
        result: true,
        changes: {},
        comment: '',
        name: `s${order}`,
        __id__: `s${order}`,
        __run_num__: order,
        ...fields,
      },
    ]),
  )
  return { id, ret: toValue(ret), retcode: 0, format: 'highstate' }
}
const body = (changes: Plain, fields: Record<string, Plain> = {}): string =>
  formatHosts([host('a', { changes, ...fields })], settings)
    .split('\n')
    .slice(1, -2)
    .join('\n')

describe('groups', () => {
  it('equal hosts stand together whatever their times and process numbers are', () => {
    const run = (pid: number): Plain => ({ pid, retcode: 0, stdout: 'out', stderr: '' })
    const text = formatHosts(
      [host('a', { changes: run(1), duration: 5 }), host('b', { changes: run(2), duration: 2500 })],
      settings,
    )
    expect(text).toBe(
      [
        'a, b (2 minions, identical):',
        '  ~ file.managed s0  ≤ 2.5 s',
        '      stdout: out',
        '  Succeeded: 1 (changed: 1)  Failed: 0  in 2.5 s',
        '',
        'Summary of 2 minions: 2 changed',
        'Succeeded: 2 (changed: 2)  Failed: 0  in 2.5 s',
        '',
      ].join('\n'),
    )
  })

  it('a host in order takes one line, many of them too', () => {
    const hosts = Array.from({ length: 30 }, (_, index) =>
      host(`web${index}`, { duration: 2 }, { duration: 3 }),
    )
    const [first] = formatHosts(hosts, settings).split('\n')
    expect(first).toBe(
      'web0, web1, web2, web3, web4, web5, web6, web7, web8, web9, … and 20 more (30 minions, identical): Succeeded: 2  Failed: 0  in 5 ms',
    )
  })

  it('failures come last: hosts, and states of a host', () => {
    const text = formatHosts(
      [
        host('bad', { result: false, comment: 'no' }, { changes: { a: 1 } }),
        host('fine', {}),
        { id: 'odd', ret: 'a text', retcode: 1, format: 'nested' },
      ],
      settings,
    )
    const order = ['fine:', 'bad:', '~ file.managed s1', '✗ file.managed s0  no', 'odd:', 'Summary'].map(
      (part) => text.indexOf(part),
    )
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(order).not.toContain(-1)
  })

  it('only ASCII where the locale has no more', () => {
    const text = formatHosts([host('a', { result: false }, { changes: { v: { old: '1', new: '2' } } })], {
      ...settings,
      unicode: false,
    })
    expect(text).toMatch(/^[\n -~]*$/)
    expect(text).toContain('v: 1 -> 2')
  })
})

describe('changes', () => {
  it.each<[string, Plain, string]>([
    ['a package', { nginx: { old: '', new: '1.22' } }, '      nginx: none → 1.22'],
    ['a removed package', { nginx: { old: '1.22', new: '' } }, '      nginx: 1.22 → none'],
    ['a list', { groups: ['adm', 'www'] }, '      groups: adm, www'],
    [
      'texts before and after',
      { motd: { old: 'a\nb', new: 'a\nc' } },
      '      motd:\n        -a\n        -b\n        +a\n        +c',
    ],
    ['a mapping', { '/srv': { directory: 'new' } }, '      /srv: directory: new'],
    ['a text that is no diff', { diff: '<binary>' }, '      diff: <binary>'],
    [
      'a diff',
      { diff: '--- a\n+++ b\n@@ -1 +1 @@\n---x\n+++y\n' },
      '      --- a\n      +++ b\n      @@ -1 +1 @@\n      ---x\n      +++y',
    ],
  ])('%s', (_, changes, text) => {
    expect(body(changes)).toBe(`  ~ file.managed s0\n${text}`)
  })

  it('long output of a command is cut, and says so', () => {
    const stdout = Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n')
    const lines = body({ pid: 1, retcode: 0, stdout, stderr: '' }).split('\n')
    expect(lines).toHaveLength(23)
    expect(lines.at(-1)).toBe('        … 80 more lines (--state-output=full shows all)')
  })

  it('a failure shows all of its comment', () => {
    expect(body({}, { result: false, comment: 'one\ntwo\nthree' })).toBe(
      '  ✗ file.managed s0  one\n      two\n      three',
    )
  })

  it('shows places and hints of errors in colours of their own', () => {
    const error = 'wrong [code]\n  at a.yaml:4:7\n    4 | - x\n      | ^\n  hint: Write y.'
    const shown = { ...settings, color: true }
    const text = formatHosts([{ id: 'a', ret: [error], retcode: 1, format: 'highstate' }], shown)
    const states = formatHosts([host('a', { result: false, comment: error })], shown)
    for (const part of ['\x1b[0;36m  at a.yaml:4:7', '\x1b[0;1;31m^', '\x1b[0;1;33mhint:']) {
      expect(text).toContain(part)
      expect(states).toContain(part)
    }
    expect(formatHosts([{ id: 'a', ret: [error], retcode: 1, format: 'highstate' }], settings)).toContain(
      error.replaceAll('\n', '\n    '),
    )
  })

  it('a failure says where it is written, before what to do', () => {
    const fields = { result: false, comment: 'no\nmore\n  hint: Write y.', __place__: 'a.yaml:2:3' }
    expect(body({}, fields)).toBe(
      '  ✗ file.managed s0  no\n      more\n        at a.yaml:2:3\n        hint: Write y.',
    )
  })

  it('says once why a dry run cannot tell', () => {
    const reason = 'no list of packages was ever fetched here'
    const comment = `Cannot be told in a dry run: ${reason}`
    expect(body({}, { result: null, comment, __unknown__: reason })).toBe(`  ? file.managed s0  ${comment}`)
    expect(body({}, { result: null, comment: 'other', __unknown__: reason })).toContain(`unknown: ${reason}`)
  })

  it('warnings are shown of states in order, too', () => {
    expect(body({}, { warnings: ['old argument'] })).toBe('  ! file.managed s0\n      warning: old argument')
  })
})
