/** Every function is known for what it is: a new one that nobody has looked at fails here, and is root meanwhile. */
import { describe, expect, it } from 'vitest'
import { plainFunction, readTable } from '../../../../master/auth/nature/nature.ts'
import {
  changingFunctions,
  dryRunFunctions,
  lookFunctions,
} from '../../../../master/auth/nature/plain-functions.ts'
import {
  actsOfApi,
  changingOnMaster,
  lookOnMaster,
  rootOnMaster,
} from '../../../../master/auth/nature/plain-on-master.ts'
import { rootFunctions } from '../../../../master/auth/nature/root-functions.ts'
import { runners } from '../../../../master/runners/registry.ts'
import { wheelFunctions } from '../../../../master/wheel/call-wheel.ts'
import { execModules } from '../../../../minion/modules/registry.ts'

const listed = (table: Readonly<Record<string, string>>): string[] =>
  Object.entries(table).flatMap(([module, names]) => names.split(/\s+/).map((name) => `${module}.${name}`))
const named = (table: Readonly<Record<string, string>>): string[] =>
  readTable('look', table).map(([name]) => name)

const functions = Object.entries(execModules).flatMap(([module, { functions: own }]) =>
  Object.entries(own).map(([name, definition]) => [`${module}.${name}`, definition] as const),
)

it('has each execution function in one table', () => {
  const known = [...named(lookFunctions), ...named(changingFunctions), ...listed(rootFunctions)]
  expect(known.filter((name, index) => known.indexOf(name) !== index)).toEqual([])
  expect(functions.map(([name]) => name).sort()).toEqual(known.sort())
})

it('has each runner and each wheel function in one table', () => {
  const all = Object.entries(runners).flatMap(([module, { functions: own }]) =>
    Object.keys(own).map((name) => `${module}.${name}`),
  )
  for (const [ground, names] of [
    ['runner', [...all, ...actsOfApi.runner]],
    ['wheel', [...wheelFunctions, ...actsOfApi.wheel]],
  ] as const) {
    const known = [
      ...named(lookOnMaster[ground]),
      ...named(changingOnMaster[ground]),
      ...listed(rootOnMaster[ground]),
    ]
    expect(known.filter((name, index) => known.indexOf(name) !== index)).toEqual([])
    expect([...names].sort()).toEqual(known.sort())
  }
})

describe('a function that is not root', () => {
  const plain = functions.flatMap(([name, definition]) => {
    const facts = plainFunction('job', name)
    return facts === undefined ? [] : [{ name, definition, facts }]
  })

  it.each(plain)('$name: its arguments are there, in their order', ({ definition, facts }) => {
    if (facts.any) return
    const names = Object.keys(definition.args.entries)
    expect(names.slice(0, facts.positional.length)).toEqual(facts.positional)
    expect(names).toEqual(expect.arrayContaining([...facts.shapes.keys()]))
  })

  it('takes nothing by which others were root: commands, programs, folders, accounts, files of any name', () => {
    const risky =
      /^(?:cmd|command|exec|runas|user_?as|env|env_vars|cwd|bin_env|gem_bin|shell|template|pillar|localconfig|config|conf_file|source|sources|url|registry|opts|options|extra_args|mine_functions?|function|job_args|connection_.*|file_?name|tgt_user|identity|nameserver|renderer|stdin|root|dest_file|skip_verify|fromrepo)$/
    const found = plain.flatMap(({ name, facts }) =>
      [...facts.shapes.keys()]
        .filter((argument) => risky.test(argument))
        .map((argument) => `${name}(${argument})`),
    )
    // Its source is a value.
    expect(found).toEqual(['defaults.deepcopy(source)'])
  })

  it('is read-only where it is said to look', () => {
    const changing = plain.filter(
      ({ definition, facts, name }) => facts.kind === 'look' && !definition.readOnly && name !== 'state.test',
    )
    // It asks the sources of packages first.
    expect(changing.map(({ name }) => name)).toEqual(['pkg.list_upgrades'])
  })

  it('has a dry run where it is said so', () => {
    for (const name of dryRunFunctions) {
      const [, definition] = functions.find(([fun]) => fun === name) ?? []
      expect(Object.keys(definition?.args.entries ?? {})).toContain('test')
    }
  })
})
