/** file.recurse: a directory of the tree, as it is, on the minion. */

import { dirname, join } from 'node:path'
import type { Plain } from '../../../shared/data/value.ts'
import { unreadableContent } from '../../../shared/protocol/manifest-hash.ts'
import type { FileSource } from '../../../shared/schema/sources.ts'
import type { Reader, TreeFile } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun, stateFunction } from '../contract.ts'
import { applyAttributes, attributeChanges, missingAccounts, ownership } from './attributes.ts'
import { cleanNeedsRun, findSuperfluous, keptByRequired } from './clean.ts'
import type { EntryPlan } from './content-plan.ts'
import { blockingParent, isFolderToCome } from './parents.ts'
import { type RecurseArguments, recurseArguments } from './recurse-arguments.ts'
import { planTreeFile } from './recurse-file.ts'

export const recurse = stateFunction({
  summary: 'Makes sure that a directory holds the files of a directory in the tree.',
  args: recurseArguments,
  examples: [
    "/etc/app:\n  file.recurse:\n    - source: salt://app/etc\n    - user: root\n    - file_mode: '0644'\n    - dir_mode: '0755'\n",
    '/srv/www:\n  file.recurse:\n    - source: salt://site\n    - clean: True\n    - exclude_pat: "E@^uploads(/|$)"\n',
  ],
  check,
})

async function check(wanted: RecurseArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name } = wanted
  const complaint = await missingAccounts(wanted, look, run)
  if (complaint !== undefined) return failed(complaint)
  if (wanted.clean && run.required === undefined) return failed(cleanNeedsRun)
  const source = await chooseSource(wanted.source, look, run)
  if (source === undefined)
    return failed(
      `Recurse failed: none of the specified sources were found: ${wanted.source.map(({ url }) => url).join(', ')}`,
    )
  const blocking = await blockingParent(join(name, 'x'), look)
  if (blocking !== undefined) return failed(`${blocking} is not a directory, so ${name} cannot be made`)
  const { files, empty = [] } = await look.sources.tree(source, run.environment)
  const chosen = files.filter((file) => isChosen(file, wanted))
  // Told first, by the error of reading it: what is behind it may be a file or a whole folder.
  const unreadable = chosen.find(({ sha256 }) => sha256 === unreadableContent)
  if (unreadable) await look.sources.fetch(`${source}/${unreadable.path}`, run.environment)
  const directories = directoriesOf(name, [
    ...chosen.map(({ path }) => dirname(path)),
    ...(wanted.include_empty ? empty.filter((path) => isChosen({ path }, wanted)) : []),
  ])
  const plans = await planDirectories(directories, wanted, look, run)
  for (const file of chosen) {
    const plan = await planTreeFile(file, source, wanted, look, run)
    if (plan && 'failed' in plan) return failed(plan.failed)
    if (plan) plans.push(plan)
  }
  const removed = wanted.clean ? await superfluous(wanted, chosen, directories, look, run) : []
  return decide(wanted, plans, removed)
}

async function chooseSource(
  sources: readonly FileSource[],
  look: Reader,
  run: StateRun,
): Promise<string | undefined> {
  // A single one is taken at its word: fetching it gives the better message, with a suggestion.
  const [only, another] = sources
  if (only && !another) return only.url.replace(/\/+$/, '')
  for (const { url } of sources)
    if (await look.sources.exists(url, run.environment)) return url.replace(/\/+$/, '')
  return undefined
}

function isChosen({ path }: Pick<TreeFile, 'path'>, wanted: RecurseArguments): boolean {
  if (wanted.maxdepth !== undefined && path.split('/').length - 1 > wanted.maxdepth) return false
  if (wanted.exclude_pat?.matches(path)) return false
  return wanted.include_pat?.matches(path) ?? true
}

/** The directory itself and these below it with those that they are in, parents first. @param paths `.` is itself */
function directoriesOf(root: string, paths: readonly string[]): string[] {
  const directories = new Set([root])
  for (const path of paths) {
    const steps = path.split('/')
    for (const index of steps.keys()) directories.add(join(root, ...steps.slice(0, index + 1)))
  }
  return [...directories].sort()
}

async function planDirectories(
  directories: readonly string[],
  wanted: RecurseArguments,
  look: Reader,
  run: StateRun,
): Promise<EntryPlan[]> {
  const attributes = { user: wanted.user, group: wanted.group, mode: wanted.dir_mode }
  const plans: EntryPlan[] = []
  for (const path of directories) {
    const info = await look.files.infoFollowed(path)
    if (!info) {
      if (isFolderToCome(path, run)) continue
      const options = {
        ...ownership(attributes),
        ...(wanted.dir_mode !== undefined && { mode: wanted.dir_mode }),
      }
      const parents = path === wanted.name
      plans.push({
        path,
        changes: { directory: 'new' },
        apply: (act) => act.files.makeDirectory(path, { ...options, parents }),
      })
      continue
    }
    const changes = attributeChanges(info, attributes)
    if (Object.keys(changes).length > 0)
      plans.push({ path, changes, apply: (act) => applyAttributes(path, attributes, changes, act) })
  }
  return plans
}

async function superfluous(
  wanted: RecurseArguments,
  files: readonly TreeFile[],
  directories: readonly string[],
  look: Reader,
  run: StateRun,
): Promise<string[]> {
  const info = await look.files.infoFollowed(wanted.name)
  if (!info) return []
  const required = keptByRequired(run)
  const paths = new Set([
    ...required.paths,
    ...directories,
    ...files.map(({ path }) => join(wanted.name, path)),
  ])
  return findSuperfluous(wanted.name, { paths, trees: required.trees }, wanted.exclude_pat, look)
}

function decide(
  { name }: RecurseArguments,
  plans: readonly EntryPlan[],
  removed: readonly string[],
): Decision {
  if (plans.length === 0 && removed.length === 0)
    return inSync(`The directory ${name} is in the correct state`)
  const changes: Record<string, Plain> = {}
  for (const plan of plans) changes[plan.path] = plan.changes
  if (removed.length > 0) changes.removed = [...removed]
  const entries = [...plans.map(({ path }) => path), ...removed]
  return drift(
    changes,
    { would: `Would update ${entries.length} entries below ${name}`, done: `Recursively updated ${name}` },
    async (act) => {
      for (const path of removed) await act.files.remove(path)
      for (const plan of plans) await plan.apply(act)
    },
  )
}
