/** Cases of test/cases/sls: trees, and what they compile to or are refused for. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isDict, type Plain, toPlain } from '../../../../shared/data/value.ts'
import type { TsaltError } from '../../../../shared/errors/error.ts'
import { loadYaml } from '../../../../shared/render/yaml.ts'
import type { Compiled, CompileSettings } from '../../../../shared/sls/compiled.ts'
import type { ExcludeEntry } from '../../../../shared/sls/document.ts'
import { processorTime } from '../../processor-time.ts'
import { compileFiles, described, dict, plainSettings, summary } from './memory-tree.ts'

interface Case {
  name: string
  sls?: string[] | null
  id?: string
  grains?: Record<string, Plain>
  pillar?: Record<string, Plain>
  environment?: string
  exclude?: ExcludeEntry[]
  topMerging?: 'merge' | 'merge_all' | 'same'
  nodegroups?: Record<string, Plain>
  settings?: Partial<CompileSettings>
  files: Record<string, string>
  /** Environment → SLS of the top file. */
  top?: Record<string, string[]>
  warnings?: string[]
  /** ID → some of what its first low chunk shows. */
  low?: Record<string, Record<string, Plain>>
  want: string[]
  hint?: string
  requisites?: Record<string, string[]>
  args?: Record<string, string[]>
}

function casesOf(file: string): Case[] {
  const path = join(import.meta.dirname, '../../../cases/sls', file)
  const plain = toPlain(loadYaml(readFileSync(path, 'utf8'), file))
  // toPlain makes objects without a prototype; JSON gives ordinary ones.
  return JSON.parse(JSON.stringify(plain)) as Case[]
}

/** What the top file is expected to give stands there, empty, where the case does not say what is in it. */
function filesOf({ files, top = {} }: Case): Case['files'] | Record<string, Record<string, string>> {
  const named = (environment: string): Record<string, string> =>
    Object.fromEntries((top[environment] ?? []).map((sls) => [`${sls}.sls`, '']))
  if (Object.values(files).every((value) => typeof value === 'string')) return { ...named('base'), ...files }
  const byEnvironment = files as unknown as Record<string, Record<string, string>>
  return Object.fromEntries(
    Object.entries(byEnvironment).map(([name, own]) => [name, { ...named(name), ...own }]),
  )
}

function compile(one: Case): Promise<Compiled> {
  return compileFiles(filesOf(one), {
    id: one.id ?? 'vm',
    grains: one.grains ?? {},
    pillar: one.pillar ?? {},
    ...(one.sls === null ? {} : { sls: one.sls ?? ['a'] }),
    ...(one.environment === undefined ? {} : { environment: one.environment }),
    ...(one.exclude === undefined ? {} : { exclude: one.exclude }),
    settings: {
      ...plainSettings,
      topMerging: one.topMerging ?? 'merge',
      ...(one.nodegroups === undefined ? {} : { nodegroups: dict(one.nodegroups) }),
      ...one.settings,
    },
  })
}

describe('compiles', () => {
  for (const one of [...casesOf('orders.yaml'), ...casesOf('tops.yaml')]) {
    it(one.name, async () => {
      const compiled = await compile(one)
      expect(described(compiled)).toEqual([])
      if (one.top) expect(Object.fromEntries(compiled.top)).toEqual(one.top)
      if (one.warnings) {
        expect(compiled.warnings).toEqual(one.warnings)
        // Each is told with the result of a state.
        const told = compiled.chunks.flatMap(({ warnings = [] }) => warnings)
        expect([...told].sort()).toEqual([...one.warnings].sort())
      }
      expect(summary(compiled.chunks)).toEqual(one.want)
      const requisites = compiled.chunks.flatMap(({ id, requisites: of }) => {
        const list = of.flatMap(({ kind, targets }) =>
          targets.map((target) => `${kind} ${compiled.chunks[target]?.name}`),
        )
        return list.length > 0 ? [[id, list] as const] : []
      })
      if (one.requisites) expect(Object.fromEntries(requisites)).toEqual(one.requisites)
      for (const [id, shown] of Object.entries(one.low ?? {})) {
        const low = compiled.low().find((candidate) => candidate.get('__id__') === id)
        expect(toPlain(low ?? null)).toMatchObject(shown)
      }
      for (const [id, names] of Object.entries(one.args ?? {})) {
        const chunk = compiled.chunks.find((candidate) => candidate.id === id)
        expect([...(chunk?.args.keys() ?? [])]).toEqual(names)
      }
    })
  }
})

const at = ({ code, place }: TsaltError): string =>
  place === undefined ? code : `${code} ${place.file}:${place.line}:${place.column}`

describe('refuses', () => {
  for (const one of casesOf('mistakes.yaml')) {
    it(one.name, async () => {
      const compiled = await compile(one)
      expect(compiled.errors.map(at)).toEqual(one.want)
      if (one.hint) expect(compiled.errors[0]?.hint).toContain(one.hint)
      if (one.want.length > 0) expect(compiled.chunks).toEqual([])
    })
  }
})

describe('a chunk', () => {
  const files = {
    'a.yaml': [
      'site:',
      '  file.managed:',
      '    - name: /etc/{{pillar.name}}.conf',
      '    - user: {{pillar.user}}',
      '    - onlyif: test -e /x',
      '    - cwd: /',
      '    - failhard: True',
      '    - contents: !secret {{pillar.user}}',
      '    - require: [{test: first}]',
      'first: test.nop',
    ].join('\n'),
  }

  it('knows its place, those of its arguments and what is secret', async () => {
    const compiled = await compileFiles(files, { sls: ['a'], pillar: { name: 'x', user: 'root' } })
    const [chunk] = compiled.chunks
    expect(chunk).toMatchObject({
      id: 'site',
      name: '/etc/x.conf',
      sls: 'a',
      environment: 'base',
      order: 10000,
    })
    expect(chunk?.place).toMatchObject({ file: 'a.yaml', line: 2, column: 3, text: '  file.managed:' })
    const { placeOfKey, placeOfValue, isMarkedSecret } = await import('../../../../shared/data/provenance.ts')
    expect(placeOfKey(chunk?.args, 'user')).toMatchObject({ line: 4, column: 7 })
    expect(placeOfValue(chunk?.args, 'user')).toMatchObject({ line: 4, column: 13 })
    expect([isMarkedSecret(chunk?.args, 'contents'), isMarkedSecret(chunk?.args, 'user')]).toEqual([
      true,
      false,
    ])
  })

  it('has global arguments, and options of its guards, apart', async () => {
    const { chunks } = await compileFiles(files, { sls: ['a'], pillar: { name: 'x', user: 'root' } })
    expect([...(chunks[0]?.args.keys() ?? [])]).toEqual(['user', 'contents'])
    expect([...(chunks[0]?.globals.keys() ?? [])]).toEqual(['onlyif', 'cwd', 'failhard'])
  })

  it("is shown as Salt's highstate shows it", async () => {
    const { high } = await compileFiles({ 'a.sls': 'x:\n  test.nop:\n    - foo: 1\n' }, { sls: ['a'] })
    expect(JSON.stringify(toPlain(high()))).toBe(
      '{"x":{"test":[{"foo":1},"nop",{"order":10000}],"__sls__":"a","__env__":"base"}}',
    )
  })
})

describe('the catalog', () => {
  it('finds what is wrong with arguments, once for all names of a call, and requisites are suggested', async () => {
    const { TsaltError: Failure } = await import('../../../../shared/errors/error.ts')
    const compiled = await compileFiles(
      { 'a.sls': 'x:\n  test.nop:\n    - names: [a, b]\n    - requires: [{test: y}]\n' },
      {
        sls: ['a'],
        catalog: {
          functions: () => ['nop'],
          modules: () => ['test'],
          canRefresh: () => false,
          check: ({ args, place }) =>
            isDict(args) && args.has('requires')
              ? [
                  new Failure(
                    'state-argument-unknown',
                    { state: 'test.nop', argument: 'requires', of: '' },
                    { place },
                  ),
                ]
              : [],
        },
      },
    )
    expect(compiled.errors.map(({ code, hint }) => `${code} ${hint}`)).toEqual([
      'state-argument-unknown Did you mean "require"?',
    ])
  })

  it('reads only the top files where nothing else is asked for', async () => {
    const compiled = await compileFiles(
      { 'top.sls': "base: {'*': [a]}", 'a.sls': 'x: {no.such: []}' },
      { topOnly: true },
    )
    expect(compiled.errors).toEqual([])
    expect([...compiled.top]).toEqual([['base', ['a']]])
  })

  it('warns of a listen that nothing comes of', async () => {
    const { warnings, chunks } = await compileFiles(
      { 'a.sls': 'x: {test.nop: [{listen: [{test: y}]}]}\ny: test.nop' },
      {
        sls: ['a'],
        catalog: { functions: () => ['nop'], modules: () => [], check: () => [], canRefresh: () => false },
      },
    )
    expect(warnings).toEqual([
      'test.nop of ID "x" (a.sls:1) has nothing to do on "listen": nothing comes of it.',
    ])
    expect(chunks.map((chunk) => chunk.warnings)).toEqual([warnings, undefined])
  })

  it('warns of a watch that means no more than require', async () => {
    const { warnings } = await compileFiles(
      { 'a.sls': 'x: {test.nop: [{watch: [{test: y}]}]}\ny: test.nop' },
      {
        sls: ['a'],
        catalog: { functions: () => ['nop'], modules: () => [], check: () => [], canRefresh: () => false },
      },
    )
    expect(warnings).toEqual([
      'test.nop of ID "x" (a.sls:1) has nothing to do on "watch": it means no more than "require" there.',
    ])
  })
})

describe('size', () => {
  it('5,000 states with 10,000 requisites compile in linear time', async () => {
    const ids = Array.from({ length: 5_000 }, (_, index) => index)
    const text = ids.map((id) =>
      id < 8
        ? `s${id}: test.nop`
        : `s${id}:\n  test.nop:\n    - require:\n      - test: s${id - 1}\n      - test: s${id - 8}`,
    )
    const tree = { 'a.sls': text.join('\n') }
    await compileFiles(tree, { sls: ['a'] })
    const started = processorTime()
    const compiled = await compileFiles(tree, { sls: ['a'] })
    const took = processorTime() - started
    expect([compiled.chunks.length, compiled.errors.length]).toEqual([5_000, 0])
    // About 200 ms alone; the limit only catches what is no longer linear.
    expect(took).toBeLessThan(8_000)
  })
})
