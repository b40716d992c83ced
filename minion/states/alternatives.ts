/** alternatives.*: which of several programs stands for a name. */
import * as v from 'valibot'
import { needed, optional } from '../../shared/schema/argument.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { readText, whole } from '../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../shared/schema/shaped.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import {
  type Applied,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  stateModule,
  unknown,
} from './contract.ts'
import { saidBy } from './said-by.ts'

/** update-alternatives takes what begins with a dash for an option, and has no `--`. */
const groupName = shaped<string>({
  words: 'name of a group',
  json: { type: 'string', pattern: '^[^-/\\s][^/\\s]*$' },
  read(value) {
    const read = readText(value)
    if (read !== undefined && /^[^-/\s][^/\s]*$/.test(read)) return read
    return new Mismatch(
      `a name without blanks and "/", which does not begin with "-", is expected, not ${describeValue(value)}`,
    )
  },
})

const name = needed(groupName, 'The name: `editor`.')
const path = needed(absolutePath, 'What stands for it: `/usr/bin/vim.basic`.')

interface Group {
  readonly link: string
  /** Path → priority. */
  readonly choices: ReadonlyMap<string, string>
  readonly isAuto: boolean
  readonly current: string | undefined
}

/** What update-alternatives (dpkg) prints for programs; undefined: there is no such name. */
async function groupOf(wanted: string, look: Reader): Promise<Group | undefined> {
  const { code, stdout } = await look.commands.query(['update-alternatives', '--query', wanted], {
    env: { LC_ALL: 'C' },
  })
  if (code !== 0) return undefined
  const field = (key: string): string | undefined => new RegExp(`^${key}: (.*)$`, 'm').exec(stdout)?.[1]
  const choices = [...stdout.matchAll(/^Alternative: (.*)\nPriority: (.*)$/gm)].map(
    ([, at = '', priority = '']) => [at, priority] as const,
  )
  const value = field('Value')
  return {
    link: field('Link') ?? `/usr/bin/${wanted}`,
    choices: new Map(choices),
    isAuto: field('Status') === 'auto',
    current: value === 'none' ? undefined : value,
  }
}

/** @param back words of the calls that take it back */
async function run(
  words: readonly string[],
  back: readonly (readonly string[])[],
  act: Changer,
): Promise<Applied | undefined> {
  const undo = back.map((others) => ({ argv: ['update-alternatives', ...others] }))
  const { code, stderr, stdout } = await act.commands.run(['update-alternatives', ...words], { undo })
  return code === 0 ? undefined : { ok: false, comment: saidBy({ code, stderr, stdout }) }
}

/** What makes the group choose again as it does. */
const choosing = (name: string, { isAuto, current }: Group): string[][] =>
  isAuto || current === undefined ? [['--auto', name]] : [['--set', name, current]]

/** In a dry run a package may bring what is missing. */
function missing(comment: string, hint: string, state: StateRun): Decision {
  const bringer =
    state.test &&
    state.predicted.find((change) => ['pkg', 'cmd', 'file', 'archive', 'alternatives'].includes(change.state))
  return bringer
    ? unknown(`${comment}; ${bringer.state}.${bringer.fun} ${bringer.id} may change that`)
    : failed(comment, hint)
}

interface Choice {
  readonly name: string
  readonly path: string
}

/** The priority of before, or none of it. */
function installBack({ name: of, path: at }: Choice, link: string, group: Group | undefined): string[][] {
  const priority = group?.choices.get(at)
  return priority === undefined
    ? [['--remove', of, at]]
    : [['--install', group?.link ?? link, of, at, priority]]
}

function removeBack({ name: of, path: at }: Choice, group: Group): string[][] {
  return [
    ['--install', group.link, of, at, group.choices.get(at) ?? '0'],
    ...(group.isAuto ? [] : choosing(of, group)),
  ]
}

const install = stateFunction({
  summary: 'Makes sure that a path is one of those that can stand for a name.',
  args: v.strictObject({
    name,
    link: optional(absolutePath, 'Where the name is: `/usr/bin/editor`. Needed for a new name.'),
    path,
    priority: needed(whole, 'The highest stands for the name, unless somebody chose another.'),
  }),
  examples: [
    'editor:\n  alternatives.install:\n    - link: /usr/bin/editor\n    - path: /usr/bin/vim.basic\n    - priority: 60\n',
  ],
  async check(wanted, look, state) {
    const group = await groupOf(wanted.name, look)
    const priority = String(wanted.priority)
    if (group?.choices.get(wanted.path) === priority)
      return inSync(`Alternatives for ${wanted.name} is already set to ${wanted.path}`)
    if (!(await look.files.infoFollowed(wanted.path)))
      return missing(
        `${wanted.path} does not exist`,
        'Install what brings it first, and require that.',
        state,
      )
    const link = wanted.link ?? `/usr/bin/${wanted.name}`
    const changes = { name: wanted.name, link, path: wanted.path, priority: wanted.priority }
    const comments = {
      would: `Alternative will be set for ${wanted.name} to ${wanted.path} with priority ${priority}`,
      done: `Alternative for ${wanted.name} set to path ${wanted.path} with priority ${priority}`,
    }
    return drift(changes, comments, (act) =>
      run(['--install', link, wanted.name, wanted.path, priority], installBack(wanted, link, group), act),
    )
  },
})

const remove = stateFunction({
  summary: 'Makes sure that a path cannot stand for a name.',
  args: v.strictObject({ name, path }),
  examples: ['editor:\n  alternatives.remove:\n    - path: /bin/ed\n'],
  async check(wanted, look) {
    const group = await groupOf(wanted.name, look)
    if (!group?.choices.has(wanted.path))
      return inSync(`Alternative for ${wanted.name} with path ${wanted.path} does not exist`)
    const comments = {
      would: `Alternative for ${wanted.name} will be removed`,
      done: `Alternative for ${wanted.name} removed`,
    }
    return drift({ path: wanted.path }, comments, (act) =>
      run(['--remove', wanted.name, wanted.path], removeBack(wanted, group), act),
    )
  },
})

const set = stateFunction({
  summary: 'Makes sure that a path stands for a name, whatever the priorities are.',
  args: v.strictObject({ name, path }),
  examples: ['editor:\n  alternatives.set:\n    - path: /usr/bin/vim.basic\n'],
  async check(wanted, look, state) {
    const group = await groupOf(wanted.name, look)
    if (group?.current === wanted.path && !group.isAuto)
      return inSync(`${wanted.name} already set to ${wanted.path}`)
    if (!group?.choices.has(wanted.path))
      return missing(
        `Alternative ${wanted.path} for ${wanted.name} doesn't exist`,
        group
          ? `There are: ${[...group.choices.keys()].join(', ')}.`
          : 'Install what brings it, or use alternatives.install.',
        state,
      )
    const comments = {
      would: `Alternative for ${wanted.name} will be set to path ${wanted.path}`,
      done: `Alternative for ${wanted.name} set to path ${wanted.path}`,
    }
    return drift({ path: wanted.path }, comments, (act) =>
      run(['--set', wanted.name, wanted.path], choosing(wanted.name, group), act),
    )
  },
})

const auto = stateFunction({
  summary: 'Makes sure that the path with the highest priority stands for a name.',
  args: v.strictObject({ name }),
  examples: ['editor:\n  alternatives.auto: []\n'],
  async check(wanted, look, state) {
    const group = await groupOf(wanted.name, look)
    if (!group)
      return missing(
        `There is no alternative ${wanted.name}`,
        'Correct the name, or install what brings it.',
        state,
      )
    if (group.isAuto) return inSync(`${wanted.name} already in auto mode`)
    const comments = {
      would: `${wanted.name} will be put in auto mode`,
      done: `${wanted.name} is in auto mode`,
    }
    return drift({ result: true }, comments, (act) =>
      run(['--auto', wanted.name], choosing(wanted.name, group), act),
    )
  },
})

export const alternatives = stateModule({
  summary: 'Which of several programs stands for a name.',
  functions: { install, remove, set, auto },
})
