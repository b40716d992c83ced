import { describe, expect, test } from 'vitest'
import { parseArguments, stateCatalog } from '../../../../minion/states/catalog.ts'
import { describeError, type TsaltError } from '../../../../shared/errors/error.ts'
import { compileStates } from '../../../../shared/sls/compile.ts'
import type { Compiled } from '../../../../shared/sls/compiled.ts'
import { memoryTree } from '../../shared/sls/memory-tree.ts'

const compile = (sls: string): Promise<Compiled> =>
  compileStates({
    tree: memoryTree({ base: { 'a.sls': `#!yaml\n${sls}` } }),
    subject: { id: 'web1', grains: new Map(), pillar: new Map(), opts: new Map() },
    catalog: stateCatalog,
    settings: {
      stateTop: 'top',
      topMerging: 'merge',
      environmentOrder: [],
      defaultTop: 'base',
      renderer: 'yaml',
    },
    sls: ['a'],
  })

async function mistakes(sls: string): Promise<TsaltError[]> {
  return [...(await compile(sls)).errors]
}

const at = (error: TsaltError | undefined): string =>
  `${error?.place?.file}:${error?.place?.line}:${error?.place?.column}`

describe('mistakes have the place in the SLS file', () => {
  test('of an unknown argument, with a suggestion', async () => {
    const [error] = await mistakes('/etc/x:\n  file.managed:\n    - contnts: a\n    - user: root\n')
    expect(error?.code).toBe('state-argument-unknown')
    expect(at(error)).toBe('a.sls:4:7')
    expect(error?.hint).toBe('Did you mean "contents"?')
    expect(describeError(error)).toContain('- contnts: a')
  })

  test('of a value of a wrong type', async () => {
    const [error] = await mistakes("/etc/x:\n  file.managed:\n    - contents: a\n    - mode: '0999'\n")
    expect(error?.code).toBe('state-argument-invalid')
    expect(at(error)).toBe('a.sls:5:13')
  })

  test('of a missing argument: the function', async () => {
    const [error] = await mistakes('/etc/x:\n  file.symlink:\n    - force: True\n')
    expect(error?.code).toBe('state-argument-missing')
    expect(at(error)).toBe('a.sls:3:3')
  })

  test('of two arguments that exclude each other', async () => {
    const [error] = await mistakes('/etc/x:\n  file.managed:\n    - contents: a\n    - source: salt://x\n')
    expect(error?.message).toBe(
      'file.managed: source: it cannot be used together with contents (ID "/etc/x").',
    )
    expect(at(error)).toBe('a.sls:5:15')
  })

  test('all of them are told at once', async () => {
    const errors = await mistakes(
      '/etc/x:\n  file.managed:\n    - contnts: a\n    - mode: rw\n\n/etc/y:\n  file.managd: []\n',
    )
    expect(errors.map(({ code }) => code).sort()).toEqual([
      'state-argument-invalid',
      'state-argument-unknown',
      'state-unknown',
    ])
  })
})

describe('suggestions', () => {
  test.each([
    ['file.managd', 'Did you mean "file.managed"?'],
    ['fil.managed', 'Did you mean "file.managed"?'],
    ['file.frobnicate', 'file has: managed, directory, absent, symlink, recurse, '],
  ])('for %s', async (state, hint) => {
    const [error] = await mistakes(`x:\n  ${state}: []\n`)
    expect(error?.hint).toContain(hint)
  })

  test('reach the arguments that every state takes', async () => {
    const [error] = await mistakes('/etc/x:\n  file.managed:\n    - requires:\n      - file: /etc/y\n')
    expect(error?.hint).toBe('Did you mean "require"?')
  })
})

describe('global arguments', () => {
  test('that a function declares itself are its own', async () => {
    const { chunks, errors } = await compile(
      '/etc/sudoers:\n  file.managed:\n    - contents: a\n    - check_cmd: visudo -cf\n\nmake:\n  cmd.run:\n    - runas: app\n    - umask: "022"\n    - creates: /x\n',
    )
    expect(errors).toEqual([])
    const [sudoers, make] = chunks
    if (!sudoers || !make) throw new Error('two states are expected')
    expect(parseArguments('file.managed', sudoers)).toMatchObject({
      ok: true,
      args: { check_cmd: 'visudo -cf' },
    })
    expect(parseArguments('cmd.run', make)).toMatchObject({ ok: true, args: { runas: 'app', umask: 0o22 } })
  })

  test('are not handed to other functions', async () => {
    const { errors } = await compile('vim:\n  pkg.installed:\n    - runas: app\n    - onlyif: test -e /x\n')
    expect(errors).toEqual([])
  })
})

test('mistakes name the ID, and retry takes no keys but its own', async () => {
  const errors = await mistakes(
    'app:\n  file.managed:\n    - name: /etc/app\n    - contnts: a\n    - retry: {atempts: 3, interval: 1}\n',
  )
  expect(errors.map(({ message, hint, place }) => [message, hint, place?.line, place?.column])).toEqual([
    ['file.managed has no argument "contnts" (ID "app").', 'Did you mean "contents"?', 5, 7],
    ['retry has no "atempts" (ID "app").', 'Did you mean "attempts"?', 6, 15],
  ])
})

test('an argument without a value is not given', async () => {
  const { chunks, errors } = await compile(
    '/etc/x:\n  file.managed:\n    - contents: a\n    - user:\n    - mode: null\n',
  )
  expect(errors).toEqual([])
  const [chunk] = chunks
  if (!chunk) throw new Error('a state is expected')
  const parsed = parseArguments('file.managed', chunk)
  expect(parsed.ok && Object.keys(parsed.args as object)).not.toContain('user')
})

test('what the compiler checked is kept for the runner', async () => {
  const { chunks } = await compile('/etc/x:\n  file.managed:\n    - contents: a\n')
  const [chunk] = chunks
  if (!chunk) throw new Error('a state is expected')
  expect(parseArguments('file.managed', chunk)).toBe(parseArguments('file.managed', chunk))
})

test('functions say whether watch means something', () => {
  expect(stateCatalog.canRefresh('service', 'running')).toBe(true)
  expect(stateCatalog.canRefresh('file', 'managed')).toBe(false)
  expect(stateCatalog.functions('constructor')).toBeUndefined()
})
