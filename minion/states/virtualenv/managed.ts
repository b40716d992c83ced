/** virtualenv.managed: a virtual environment of Python, with packages in it. */
import { posix } from 'node:path'
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { environment, textList } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { accountName, flag, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import { findPip, listPip, type PipCaller, pipComplaint, runPip, wouldInstall } from '../../installers/pip.ts'
import { parseRequirement, parseRequirementsFile, pythonName } from '../../installers/python-requirement.ts'
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
} from '../contract.ts'
import { optionWords } from '../pip/arguments.ts'
import { fileIsMet, type Installed, isMet } from '../pip/plan.ts'
import { writeRequirements } from '../pip/requirements-file.ts'
import { undoWords } from '../pip/undo-words.ts'
import { toolMissing } from '../tool-missing.ts'
import { createEnvironment, programOf } from './create.ts'

const old = "Accepted for trees of Salt; today's virtualenv has no such option."
const args = v.strictObject({
  name: needed(absolutePath, 'Directory of the environment.'),
  venv_bin: optional(
    nonEmptyText,
    'What makes it: `virtualenv`, `pyvenv`/`venv` (the module of Python), or a path. Not given: virtualenv where it is installed, else venv.',
  ),
  virtualenv_bin: optional(nonEmptyText, 'Older name of venv_bin.'),
  python: optional(nonEmptyText, 'Python of the environment: `python3.11`, or a path.'),
  system_site_packages: defaulted(flag, false, 'Packages of the system are seen in it.'),
  clear: defaulted(flag, false, 'Empty it first, at every run.'),
  prompt: optional(text, 'Text before the prompt of a shell in it.'),
  user: optional(accountName, 'User who makes and owns it. Default: root.'),
  runas: optional(accountName, 'Older name of user.'),
  cwd: optional(nonEmptyText, 'Directory to run pip in.'),
  requirements: optional(nonEmptyText, 'A requirements file: `salt://PATH`, or a path on the minion.'),
  pip_pkgs: optional(textList, 'Packages to install into it.'),
  pip_upgrade: defaulted(flag, false, 'Install the newest versions that fit, at every run.'),
  pip_ignore_installed: defaulted(flag, false, 'Install over what is installed, at every run.'),
  pip_exists_action: optional(text, 'What pip does where a path exists.'),
  pip_no_cache_dir: defaulted(flag, false, 'pip uses no cache.'),
  pip_cache_dir: optional(text, 'Directory of the cache of pip.'),
  index_url: optional(text, 'Address of the index.'),
  extra_index_url: optional(textList, 'Addresses of further indexes.'),
  find_links: optional(textList, 'Directories or pages with packages.'),
  no_index: defaulted(flag, false, 'Look at find_links only.'),
  pre_releases: defaulted(flag, false, 'Also versions that are not released yet.'),
  no_deps: defaulted(flag, false, 'Not what the packages need.'),
  proxy: optional(text, 'Of the network: `[user:password@]host:port`.'),
  env_vars: optional(environment, 'Environment variables for virtualenv and pip.'),
  use_wheel: optional(flag, old),
  no_use_wheel: optional(flag, 'Build everything from source.'),
  distribute: optional(flag, old),
  never_download: optional(flag, old),
  extra_search_dir: optional(textList, 'Directories with wheels of pip and setuptools (virtualenv).'),
  no_chown: optional(flag, 'Accepted for trees of Salt.'),
  pip_download: optional(text, old),
  pip_download_cache: optional(text, old),
  process_dependency_links: optional(flag, old),
  use_vt: optional(flag, 'Accepted for trees of Salt.'),
})
export type ManagedArguments = v.InferOutput<typeof args>

export const managed = stateFunction({
  summary: 'Makes sure that a virtual environment of Python is there, with packages in it.',
  args,
  examples: [
    '/srv/app/venv:\n  virtualenv.managed:\n    - python: python3\n    - requirements: salt://app/requirements.txt\n    - user: app\n',
  ],
  refuse: ({ name, pip_pkgs, venv_bin }): ArgumentRefusal | undefined => {
    if (/^\/*$/.test(name)) return { argument: 'name', reason: 'the whole machine is no environment' }
    const dashed = pip_pkgs?.find((one) => one.startsWith('-'))
    if (dashed !== undefined) return { argument: 'pip_pkgs', reason: `"${dashed}" is an option of pip` }
    return venv_bin?.startsWith('-') ? { argument: 'venv_bin', reason: 'it is no program' } : undefined
  },
  check,
})

const callerOf = ({ name, user, runas, cwd, env_vars }: ManagedArguments): PipCaller => {
  const who = user ?? runas
  return {
    bin_env: name,
    ...(who !== undefined && { user: who }),
    ...(cwd !== undefined && { cwd }),
    ...(env_vars !== undefined && { env_vars }),
  }
}

async function check(wanted: ManagedArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name, clear } = wanted
  const exists = (await look.files.infoFollowed(posix.join(name, 'bin/python'))) !== undefined
  const fresh = !exists || clear
  const program = fresh ? await programOf(wanted, look) : undefined
  if (fresh && program === undefined)
    return toolMissing(
      `${wanted.venv_bin ?? wanted.virtualenv_bin ?? wanted.python ?? 'virtualenv'} is not installed`,
      'Install it in an earlier state (pkg.installed: virtualenv or python3-venv), and require that.',
      run,
    )
  const asksPip = wanted.requirements !== undefined || wanted.pip_pkgs !== undefined
  const list = exists && !clear && asksPip ? await packagesOf(wanted, look) : new Map()
  if (typeof list === 'string') return failed(`pip of ${name} cannot list what is installed: ${list}`)
  const demand = await demandOf(wanted, list, look, run)
  if (demand.kind === 'failed') return demand
  if (!fresh && demand.met) return inSync('virtualenv exists')
  const words = fresh
    ? {
        would: `Virtualenv ${name} is set to be ${exists ? 'cleared' : 'created'}`,
        done: exists ? 'Cleared existing virtualenv' : 'Created new virtualenv',
      }
    : { would: 'virtualenv exists\nPackages would be installed into it', done: 'virtualenv exists' }
  return drift(predicted(fresh, demand.met), words, (act) => apply(wanted, program, demand, list, run, act))
}

/** The version of the new Python and those of the packages are known when they are there. */
const predicted = (fresh: boolean, met: boolean): Record<string, Plain> => ({
  ...(fresh && { new: null }),
  ...(!met && { packages: null }),
})

async function packagesOf(wanted: ManagedArguments, look: Reader): Promise<Installed | string> {
  const caller = callerOf(wanted)
  const pip = await findPip(caller, look)
  // Made without pip: nothing is known to be in it.
  return pip ? listPip(pip, caller, look) : new Map()
}

interface Demand {
  readonly kind: 'demand'
  /** Nothing has to be installed. */
  readonly met: boolean
  /** Of the requirements file. */
  readonly text: string | undefined
}

async function demandOf(
  wanted: ManagedArguments,
  installed: Installed,
  look: Reader,
  run: StateRun,
): Promise<Demand | ReturnType<typeof failed>> {
  const { requirements, pip_pkgs = [], pip_upgrade, pip_ignore_installed } = wanted
  let text: string | undefined
  if (requirements !== undefined) {
    if (requirements.startsWith('salt://') || (await look.files.infoFollowed(requirements)))
      text = Buffer.from((await look.sources.fetch(requirements, run.environment)).content).toString('utf8')
    else if (!run.test || run.predicted.length === 0)
      return failed(`pip requirements file '${requirements}' not found`)
  }
  if (requirements === undefined && pip_pkgs.length === 0) return { kind: 'demand', met: true, text }
  const inFile = requirements === undefined ? true : text === undefined ? false : fileIsMet(text, installed)
  const named = pip_pkgs.map((one) => isMet(parseRequirement(one), installed))
  const answers = [inFile, ...named]
  if (answers.includes(false) || pip_ignore_installed) return { kind: 'demand', met: false, text }
  if (!pip_upgrade && !answers.includes(undefined)) return { kind: 'demand', met: true, text }
  return { kind: 'demand', met: await pipHasNothing(wanted, text, look), text }
}

/** Newest versions, URLs and markers are for pip to judge. */
async function pipHasNothing(
  wanted: ManagedArguments,
  text: string | undefined,
  look: Reader,
): Promise<boolean> {
  const caller = callerOf(wanted)
  const pip = await findPip(caller, look)
  if (!pip) return false
  const { requirements, pip_pkgs = [] } = wanted
  const lines = text === undefined ? [] : parseRequirementsFile(text).requirements.map((one) => one.text)
  const inTree = requirements === undefined || requirements.startsWith('salt://')
  const file = inTree ? [] : [`--requirement=${requirements}`]
  const words = [...flagsOf(wanted), ...file, '--', ...(inTree ? lines : []), ...pip_pkgs]
  return (await wouldInstall(pip, words, caller, look))?.length === 0
}

const flagsOf = (wanted: ManagedArguments): string[] =>
  optionWords({
    ...wanted,
    upgrade: wanted.pip_upgrade,
    ignore_installed: wanted.pip_ignore_installed,
    exists_action: wanted.pip_exists_action,
    no_cache_dir: wanted.pip_no_cache_dir,
    cache_dir: wanted.pip_cache_dir,
  })

async function apply(
  wanted: ManagedArguments,
  program: readonly string[] | undefined,
  demand: Demand,
  before: Installed,
  run: StateRun,
  act: Changer,
): Promise<Applied | undefined> {
  const { name } = wanted
  const changes: Record<string, Plain> = {}
  if (program) {
    const complaint = await createEnvironment(wanted, program, act)
    if (complaint !== undefined) return { ok: false, changes: {}, comment: complaint }
    const version = await act.look.commands.query([posix.join(name, 'bin/python'), '-V'])
    changes.new = (version.stdout || version.stderr).trim()
  }
  if (demand.met) return { changes }
  const complaint = await installInto(wanted, demand, before, run, act)
  const after = await packagesOf(wanted, act.look)
  const packages = typeof after === 'string' ? undefined : difference(program ? new Map() : before, after)
  if (packages) changes.packages = packages
  return complaint === undefined ? { changes } : { ok: false, changes, comment: complaint }
}

async function installInto(
  wanted: ManagedArguments,
  { text }: Demand,
  before: Installed,
  run: StateRun,
  act: Changer,
): Promise<string | undefined> {
  const caller = callerOf(wanted)
  const pip = await findPip(caller, act.look)
  if (!pip) return `There is no pip in ${wanted.name}`
  const { requirements, pip_pkgs = [] } = wanted
  const inTree = requirements?.startsWith('salt://') === true
  const file =
    inTree && text !== undefined
      ? await writeRequirements(wanted.name, text, caller.user, run, act)
      : requirements
  const words = ['install', ...flagsOf(wanted), ...(file === undefined ? [] : [`--requirement=${file}`])]
  const inFile = text === undefined ? [] : parseRequirementsFile(text).requirements
  const undo = undoWords([...pip_pkgs.map(parseRequirement), ...inFile], before)
  const operands = pip_pkgs.length > 0 ? ['--', ...pip_pkgs] : []
  const result = await runPip(pip, [...words, ...operands], caller, act, undo)
  if (inTree && file !== undefined) await act.files.remove(file)
  return result.code === 0 ? undefined : pipComplaint(result)
}

const pinned = (all: Installed): Set<string> =>
  new Set([...all.values()].map((one) => `${one.name}==${one.version}`))

/** As Salt reports it: lines of pip freeze that came and went. pip itself and its like are not counted. */
function difference(before: Installed, after: Installed): Plain | undefined {
  const counted = (all: Installed): Installed =>
    new Map(
      [...all].filter(([key]) => !['pip', 'setuptools', 'wheel', 'distribute'].includes(pythonName(key))),
    )
  const [old, now] = [pinned(counted(before)), pinned(counted(after))]
  const fresh = [...now].filter((one) => !old.has(one)).sort()
  const gone = [...old].filter((one) => !now.has(one)).sort()
  if (fresh.length === 0 && gone.length === 0) return undefined
  return { new: fresh.length > 0 ? fresh : '', old: gone.length > 0 ? gone : '' }
}
