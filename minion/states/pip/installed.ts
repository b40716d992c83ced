/** pip.installed: Python packages, by name and version, from a requirements file, or as an editable checkout. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { textList } from '../../../shared/schema/collections.ts'
import { nonEmptyText } from '../../../shared/schema/scalars.ts'
import { findPip, listPip, type PipCaller, pipComplaint, runPip, wouldInstall } from '../../installers/pip.ts'
import { type PythonRequirement, pythonName } from '../../installers/python-requirement.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type Applied,
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  unknown,
} from '../contract.ts'
import { toolMissing } from '../tool-missing.ts'
import { installEntries, optionWords } from './arguments.ts'
import { checkFiles } from './from-files.ts'
import { type Installed, openRequirements, type PipDemand } from './plan.ts'
import { undoWords } from './undo-words.ts'

const args = v.strictObject({
  name: needed(
    nonEmptyText,
    'The package: `Flask`, `Flask>=2,<3`, a path or a URL; only a name for the state with `pkgs`, `requirements` or `editable`.',
  ),
  pkgs: optional(textList, 'Several packages.'),
  requirements: optional(nonEmptyText, 'A requirements file: `salt://PATH`, or a path on the minion.'),
  editable: optional(
    nonEmptyText,
    'A directory, or `git+https://…#egg=NAME`, installed so that changes in it count at once.',
  ),
  ...installEntries,
})
export type InstalledArguments = v.InferOutput<typeof args>

export const installed = stateFunction({
  summary: 'Makes sure that Python packages are installed.',
  args,
  examples: [
    'app:\n  pip.installed:\n    - requirements: /srv/app/requirements.txt\n    - bin_env: /srv/app/venv\n    - user: app\n',
    'tools:\n  pip.installed:\n    - pkgs: [flask>=2, gunicorn==21.2.0]\n    - bin_env: /opt/tools\n    - upgrade: True\n',
  ],
  refuse,
  check,
})

function refuse({
  name,
  pkgs,
  requirements,
  editable,
  extra_args,
}: InstalledArguments): ArgumentRefusal | undefined {
  if (requirements !== undefined && (pkgs || editable !== undefined))
    return { argument: 'requirements', reason: 'only one of pkgs, requirements and editable is permitted' }
  const named = pkgs ?? (requirements === undefined && editable === undefined ? [name] : [])
  const dashed = [...named, editable ?? ''].find((one) => one.startsWith('-'))
  if (dashed !== undefined)
    return {
      argument: pkgs ? 'pkgs' : 'name',
      reason: `"${dashed}" is an option of pip; extra_args takes those`,
    }
  const bare = extra_args?.find((one) => !one.startsWith('-'))
  return bare === undefined
    ? undefined
    : { argument: 'extra_args', reason: `"${bare}" is no option; write --option=value` }
}

export const callerOf = (wanted: InstalledArguments): PipCaller => {
  const { bin_env = wanted.pip_bin, user = wanted.runas, cwd, env_vars } = wanted
  return {
    ...(bin_env !== undefined && { bin_env }),
    ...(user !== undefined && { user }),
    ...(cwd !== undefined && { cwd }),
    ...(env_vars !== undefined && { env_vars }),
  }
}

async function check(wanted: InstalledArguments, look: Reader, run: StateRun): Promise<Decision> {
  const caller = callerOf(wanted)
  const pip = await findPip(caller, look)
  if (!pip)
    return toolMissing(
      caller.bin_env === undefined ? 'pip is not installed' : `There is no pip in ${caller.bin_env}`,
      'Install it in an earlier state (pkg.installed: python3-pip, or virtualenv.managed), and require that.',
      run,
    )
  const list = await listPip(pip, caller, look)
  if (typeof list === 'string') return failed(`pip cannot list what is installed: ${list}`)
  const demand: PipDemand = {
    pip,
    caller,
    flags: optionWords(wanted),
    upgrade: wanted.upgrade,
    always: wanted.force_reinstall || wanted.ignore_installed,
  }
  if (wanted.requirements !== undefined || wanted.editable !== undefined)
    return checkFiles(wanted, demand, list, look, run)
  return checkNamed(wanted.pkgs ?? [wanted.name], demand, list, look, run)
}

async function checkNamed(
  texts: readonly string[],
  demand: PipDemand,
  list: Installed,
  look: Reader,
  run: StateRun,
): Promise<Decision> {
  const open = await openRequirements(texts, demand, list, look)
  const done = texts.filter((text) => !open.some((one) => one.text === text.trim()))
  const already = done.map((text) => `Python package ${text} was already installed`).join('\n')
  if (open.length === 0)
    return inSync(
      `${already}\nAll specified packages are already installed${demand.upgrade ? ' and up-to-date' : ''}`,
    )
  const would = `Python package ${open.map(({ text }) => text).join(', ')} is set to be installed`
  const changes = run.test ? await foretold(open, demand, look) : {}
  if (!changes) return unknown(`${would}; which version, this pip does not tell without installing it`)
  const success = `${already}${already === '' ? '' : '\n'}All packages were successfully installed`
  return drift(changes, { would, done: success }, (act) => install(open, demand, list, act))
}

const installedKey = (name: string, version: string): string => `${name}==${version}`

/** As Salt reports them: `{Flask==2.0.1: Installed}`. */
async function foretold(
  open: readonly PythonRequirement[],
  { pip, flags, caller }: PipDemand,
  look: Reader,
): Promise<Record<string, Plain> | undefined> {
  const words = [...flags, '--', ...open.map(({ text }) => text)]
  const would = await wouldInstall(pip, words, caller, look)
  const changes: Record<string, Plain> = {}
  for (const { name, clauses, text } of open) {
    const found =
      name === undefined ? undefined : would?.find((one) => pythonName(one.name) === pythonName(name))
    const [sign, version = ''] = clauses?.length === 1 ? (clauses[0] ?? []) : []
    const pinned = sign === '==' && !version.includes('*')
    if (found) changes[installedKey(found.name, found.version)] = 'Installed'
    else if (name === undefined) changes[`${text}==???`] = 'Installed'
    else if (pinned) changes[installedKey(name, version)] = 'Installed'
    else return undefined
  }
  return changes
}

async function install(
  open: readonly PythonRequirement[],
  demand: PipDemand,
  before: Installed,
  act: Changer,
): Promise<Applied | undefined> {
  const { pip, caller, flags } = demand
  const words = ['install', ...flags, '--', ...open.map(({ text }) => text)]
  const result = await runPip(pip, words, caller, act, undoWords(open, before))
  const names = open.map(({ text }) => text).join(', ')
  if (result.code !== 0)
    return {
      ok: false,
      changes: {},
      comment: `Failed to install packages: ${names}. Error: ${pipComplaint(result)}`,
    }
  const after = await listPip(pip, caller, act.look)
  const changes: Record<string, Plain> = {}
  for (const { name, text } of open) {
    const found = name === undefined || typeof after === 'string' ? undefined : after.get(pythonName(name))
    changes[found ? installedKey(found.name, found.version) : `${text}==???`] = 'Installed'
  }
  return { changes }
}
