/** git.config_set and config_unset: values in the configuration of a repository or a user. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { lines } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { accountName, flag, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import type { UndoStep } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { type Applied, type ArgumentRefusal, drift, failed, inSync, stateFunction } from '../contract.ts'
import { change, gitStep, query, requireGit } from './repository.ts'

const entries = {
  name: needed(nonEmptyText, 'The key: `user.email`.'),
  repo: optional(absolutePath, 'The repository; not given: `global` has to be True.'),
  global: defaulted(flag, false, 'Of the user, in their own file; not of a repository.'),
  user: optional(accountName, 'User to run git as.'),
  output_encoding: optional(text, 'Accepted for trees of Salt.'),
}

function refusePlace({
  name,
  repo,
  global,
}: {
  name: string
  repo?: string
  global: boolean
}): ArgumentRefusal | undefined {
  if (!/^[A-Za-z][A-Za-z0-9-]*\.(?:[^\n]*\.)?[A-Za-z][A-Za-z0-9-]*$/.test(name))
    return { argument: 'name', reason: `"${name}" is not a key such as user.email` }
  if ((repo === undefined) !== global)
    return { argument: 'repo', reason: 'either repo or "global: True" is needed' }
  return undefined
}

interface Place {
  readonly repo?: string
  readonly global: boolean
  readonly user?: string
}

const place = ({ repo, global }: Place): string[] =>
  global ? ['config', '--global'] : ['-C', repo ?? '', 'config', '--local']

async function valuesOf(
  wanted: { name: string; repo?: string; global: boolean; user?: string },
  look: Reader,
): Promise<string[] | undefined> {
  const { code, stdout } = await query([...place(wanted), '--null', '--get-all', wanted.name], wanted, look)
  if (code > 1) return undefined
  return code === 1 ? [] : stdout.replace(/\0$/, '').split('\0')
}

const unreadable = (name: string, repo: string | undefined) =>
  failed(
    `git cannot read ${name}${repo === undefined ? '' : ` of ${repo}`}`,
    'Is it a repository, and does it belong to the user that git runs as?',
  )

export const configSet = stateFunction({
  summary: 'Makes sure that a key of the configuration of git has a value, or several.',
  args: v.strictObject({
    ...entries,
    value: optional(text, 'Its value.'),
    multivar: optional(lines, 'Several values, in order.'),
  }),
  examples: [
    'user.email:\n  git.config_set:\n    - value: deploy@example.org\n    - global: True\n    - user: deploy\n',
  ],
  refuse: (wanted) => {
    if ((wanted.value === undefined) === (wanted.multivar === undefined))
      return { argument: 'value', reason: 'either value or multivar is needed' }
    return refusePlace(wanted)
  },
  async check(wanted, look, run) {
    const lacking = await requireGit(look, run)
    if (lacking) return lacking
    const { name, multivar, value } = wanted
    const after = multivar ?? [value ?? '']
    const now = await valuesOf(wanted, look)
    if (now === undefined) return unreadable(name, wanted.repo)
    if (now.join('\0') === after.join('\0') && now.length === after.length)
      return inSync(`'${name}' is already set to ${after.map((one) => `'${one}'`).join(', ')}`)
    const comments = {
      would: `'${name}' would be ${now.length > 0 ? 'updated' : 'added'}`,
      done: `'${name}' was ${now.length > 0 ? 'updated' : 'added'}`,
    }
    return drift(
      { [name]: { old: now, new: [...after] } },
      comments,
      async (act): Promise<Applied | undefined> => {
        const [first = '', ...more] = after
        const undo = valuesAgain(wanted, now)
        for (const words of [['--replace-all', name, first], ...more.map((one) => ['--add', name, one])]) {
          const isFirst = words[0] === '--replace-all'
          const complaint = await change([...place(wanted), ...words], wanted, act, isFirst ? undo : [])
          if (complaint !== undefined) return { ok: false, comment: complaint }
        }
        return undefined
      },
    )
  },
})

/** Commands that bring values back, once there are others. */
function valuesAgain(wanted: Place & { name: string }, values: readonly string[]): UndoStep[] {
  const step = (...words: string[]): UndoStep => gitStep([...place(wanted), ...words], wanted)
  const [first, ...more] = values
  if (first === undefined) return [step('--unset-all', wanted.name)]
  return [step('--replace-all', wanted.name, first), ...more.map((one) => step('--add', wanted.name, one))]
}

const oldArguments = v.strictObject({
  ...entries,
  value: needed(text, 'Its value.'),
  is_global: optional(flag, 'Older name of `global`.'),
})

/** Before it was called config_set; without a repository it was the user's own, too. */
export const config = stateFunction({
  summary: 'Old name of `git.config_set`.',
  args: oldArguments,
  examples: ['user.name:\n  git.config:\n    - value: Deploy\n    - user: deploy\n    - is_global: True\n'],
  refuse: (wanted) => refusePlace(asSet(wanted)),
  check: (wanted, look, run) => configSet.check(asSet(wanted), look, run),
})

function asSet({ is_global, ...wanted }: v.InferOutput<typeof oldArguments>) {
  return { ...wanted, global: wanted.global || is_global === true || wanted.repo === undefined }
}

export const configUnset = stateFunction({
  summary: 'Makes sure that a key of the configuration of git has no value.',
  args: v.strictObject({ ...entries, all: defaulted(flag, false, 'Also where it has several values.') }),
  examples: ['http.proxy:\n  git.config_unset:\n    - global: True\n'],
  refuse: refusePlace,
  async check(wanted, look, run) {
    const lacking = await requireGit(look, run)
    if (lacking) return lacking
    const { name } = wanted
    const now = await valuesOf(wanted, look)
    if (now === undefined) return unreadable(name, wanted.repo)
    if (now.length === 0) return inSync(`No matching keys are set: ${name}`)
    if (now.length > 1 && !wanted.all)
      return failed(`'${name}' has ${now.length} values`, 'Give "all: True" to remove them all.')
    return drift(
      { [name]: { old: now, new: [] } },
      { would: `'${name}' would be removed`, done: `'${name}' was removed` },
      async (act): Promise<Applied | undefined> => {
        const undo = valuesAgain(wanted, now)
        const complaint = await change([...place(wanted), '--unset-all', name], wanted, act, undo)
        return complaint === undefined ? undefined : { ok: false, comment: complaint }
      },
    )
  },
})
