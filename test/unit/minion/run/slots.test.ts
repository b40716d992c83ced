/** Slots: how they are read, when they are resolved, and what a dry run does with them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSlot } from '../../../../shared/run/slot.ts'
import { runSls } from './run-sls.ts'

describe('reading', () => {
  const read = (text: string): unknown => {
    const slot = parseSlot(`__slot__:salt:${text}`)
    return typeof slot === 'string'
      ? slot
      : [slot.fun, [...slot.args], Object.fromEntries(slot.keywords), slot.path, slot.suffix]
  }

  test.each([
    ['test.echo(a)', ['test.echo', ['a'], {}, '', '']],
    ['test.echo()', ['test.echo', [], {}, '', '']],
    ['test.echo("a b", c , key = value)', ['test.echo', ['a b', 'c'], { key: 'value' }, '', '']],
    [
      "test.arg(name='it''s', x=\"a\\\"b\").kwargs.name ~ /end",
      ['test.arg', [], { name: 'its', x: 'a"b' }, 'kwargs.name', '/end'],
    ],
    ['test.echo(a) ~ .conf', ['test.echo', ['a'], {}, '', '.conf']],
    ['test.echo(a).b.0', ['test.echo', ['a'], {}, 'b.0', '']],
    ['test.arg([1, 2], {a: (b)}, k="=")', ['test.arg', ['[1,2]', '{a:(b)}'], { k: '=' }, '', '']],
    ['test.echo(http://x/?a=b)', ['test.echo', ['http://x/?a=b'], {}, '', '']],
    ['test.echo("")', ['test.echo', [''], {}, '', '']],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  test.each(['test.echo(a', 'test.echo', 'echo(a)', 'test.echo("a)', 'test.echo(a])', 'test.echo(a) b', ''])(
    '%s is refused',
    (text) => {
      expect(typeof read(text)).toBe('string')
    },
  )

  test('any text comes back through quotes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, named) => {
        const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
        expect(read(`test.arg(${quoted(value)}, key=${quoted(named)})`)).toEqual([
          'test.arg',
          [value],
          { key: named },
          '',
          '',
        ])
      }),
    )
  })

  test('no text makes it throw or take long', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'("\\\'),=~.[]{}ab '), maxLength: 200 }), (text) => {
        parseSlot(`__slot__:salt:test.arg(${text}`)
      }),
    )
  })
})

describe('in a run', () => {
  const file = (content: string): string => `/etc/it:\n  file.managed:\n    - contents: ${content}\n`
  const files = { '/etc': { type: 'directory' } } as const

  test('an argument has the value that the function gives', async () => {
    const run = await runSls(file('__slot__:salt:test.echo(hello) ~ " world"'), { machine: { files } })
    expect(run.state('/etc/it').comment).toContain('/etc/it')
    expect(Buffer.from(run.machine.files.inodes.get('/etc/it')?.content ?? []).toString()).toBe(
      'hello" world"\n',
    )
  })

  test('in lists and mappings, in their first level', async () => {
    const sls = `it:\n  pkg.installed:\n    - pkgs: [vim, '__slot__:salt:test.echo(curl)']\n`
    const run = await runSls(sls, { machine: { packages: { available: { vim: '1', curl: '2' } } } })
    expect(run.state('it').changes).toEqual({ vim: { old: '', new: '1' }, curl: { old: '', new: '2' } })
  })

  test('a part of the result', async () => {
    const run = await runSls(file('__slot__:salt:test.kwarg(a=x).a ~ y'), { machine: { files } })
    expect(Buffer.from(run.machine.files.inodes.get('/etc/it')?.content ?? []).toString()).toBe('xy\n')
  })

  test('is resolved just before the call: it sees what earlier states did', async () => {
    const sls = `first:\n  cmd.run:\n    - name: make\nit:\n  test.show_notification:\n    - text: __slot__:salt:cmd.run('cat /out')\n    - require: [{cmd: first}]\n`
    const run = await runSls(sls, {
      machine: { commands: { make: { code: 0 }, 'cat /out': { stdout: 'made' } } },
    })
    expect(run.machine.ran).toEqual(['make', 'cat /out'])
    expect(run.state('it').comment).toBe('made')
  })

  test('arguments are checked after it', async () => {
    const run = await runSls('/etc/it:\n  file.managed:\n    - mode: __slot__:salt:test.echo(rw)\n', {
      machine: { files },
    })
    expect(run.state('/etc/it')).toMatchObject({
      result: false,
      comment: expect.stringContaining('file.managed: mode:'),
    })
    expect(run.machine.actions).toEqual([])
  })

  test('of a state that does not run they are not resolved', async () => {
    const sls = `it:\n  test.show_notification:\n    - text: __slot__:salt:cmd.run(cat /out)\n    - unless: [{fun: test.true}]\n`
    expect((await runSls(sls)).machine.ran).toEqual([])
  })

  test('a dry run calls what changes nothing, and cannot tell the rest', async () => {
    const pure = await runSls(file('__slot__:salt:test.echo(hello)'), { machine: { files }, test: true })
    expect(pure.state('/etc/it')).toMatchObject({
      result: null,
      changes: { diff: expect.stringContaining('+hello') },
    })
    const impure = await runSls(file('__slot__:salt:cmd.run(date)'), { machine: { files }, test: true })
    expect(impure.state('/etc/it').unknown).toContain('cmd.run')
    expect(impure.machine.ran).toEqual([])
  })

  test.each([
    ['__slot__:salt:test.ecko(a)', 'Did you mean "test.echo"?'],
    ['__slot__:salt:test.echo(a', 'cannot be read'],
    ['__slot__:runner:test.echo(a)', 'only "__slot__:salt:'],
  ])('%s is refused before anything runs', async (slot, why) => {
    const run = await runSls(`first:\n  cmd.run:\n    - name: make\n${file(`'${slot}'`)}`)
    expect(run.errors.join('\n')).toContain(why)
    expect(run.errors.join('\n')).toContain('it.sls:')
    expect(run.machine.ran).toEqual([])
  })
})
