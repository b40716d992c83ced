/** git.cloned: a directory that is a clone, at whatever commit. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { nonEmptyText } from '../../../shared/schema/scalars.ts'
import { type Applied, drift, failed, inSync, stateFunction } from '../contract.ts'
import { saidBy } from '../said-by.ts'
import { callerEntries } from './arguments.ts'
import { change, clone, gitStep, query, requireGit, targetState, urlOf } from './repository.ts'

export const cloned = stateFunction({
  summary: 'Makes sure that a directory is a clone of a repository; it is not updated.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'Address of the repository.'),
    target: optional(absolutePath, 'Directory of the clone.'),
    branch: optional(nonEmptyText, 'Branch that has to be checked out. Not given: any.'),
    ...callerEntries,
  }),
  examples: [
    'https://git.example.org/dotfiles.git:\n  git.cloned:\n    - target: /home/alice/dotfiles\n    - user: alice\n',
  ],
  refuse: ({ name, branch, target }) => {
    if (target === undefined) return { argument: 'target', reason: 'the directory is needed' }
    const dashed = Object.entries({ name, branch }).find(([, value]) => value?.startsWith('-'))
    return dashed
      ? { argument: dashed[0], reason: 'it begins with "-", which git would take for an option' }
      : undefined
  },
  async check(wanted, look, run) {
    const lacking = await requireGit(look, run)
    if (lacking) return lacking
    const { name, target = '', branch } = wanted
    const state = await targetState(target, look)
    if (state === 'other')
      return failed(`Target '${target}' exists, is non-empty and is not a git repository`)
    if (state !== 'repository') {
      const changes: Plain = { new: `${name} => ${target}`, ...(branch !== undefined && { branch }) }
      const words = [...(branch === undefined ? [] : ['--branch', branch]), '--', urlOf(name, wanted)]
      return drift(
        changes,
        { would: `${name} would be cloned to ${target}`, done: `${name} cloned to ${target}` },
        async (act): Promise<Applied | undefined> => {
          const complaint = await clone(words, target, false, wanted, act)
          return complaint === undefined ? undefined : { ok: false, comment: `Clone failed: ${complaint}` }
        },
      )
    }
    const { stdout, stderr, code } = await query(
      ['-C', target, 'rev-parse', '--abbrev-ref', 'HEAD'],
      wanted,
      look,
    )
    if (code !== 0) return failed(`The repository ${target} cannot be read: ${saidBy({ code, stderr })}`)
    const now = stdout.trim()
    if (branch === undefined || branch === now)
      return inSync(
        `Repository already exists at ${target}${branch === undefined ? '' : ` and is checked out to branch '${branch}'`}`,
      )
    const comments = {
      would: `Branch would be changed to '${branch}'`,
      done: `Branch changed to '${branch}'`,
    }
    return drift(
      { branch: { old: now, new: branch } },
      comments,
      async (act): Promise<Applied | undefined> => {
        const back = [gitStep(['-C', target, 'checkout', now, '--'], wanted)]
        const complaint = await change(['-C', target, 'checkout', branch, '--'], wanted, act, back)
        return complaint === undefined
          ? undefined
          : { ok: false, comment: `Failed to change branch to '${branch}': ${complaint}` }
      },
    )
  },
})
