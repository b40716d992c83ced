/** pip.installed with a requirements file, or with an editable checkout. */
import { pipComplaint, runPip, wouldInstall } from '../../installers/pip.ts'
import { parseRequirement, parseRequirementsFile, pythonName } from '../../installers/python-requirement.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { type Applied, type Decision, drift, failed, inSync, type StateRun } from '../contract.ts'
import { fileIsMet, type Installed, type PipDemand } from './plan.ts'
import { writeRequirements } from './requirements-file.ts'

export interface FileWish {
  readonly requirements?: string
  readonly editable?: string
}

export async function checkFiles(
  { requirements, editable }: FileWish,
  demand: PipDemand,
  installed: Installed,
  look: Reader,
  run: StateRun,
): Promise<Decision> {
  if (requirements === undefined) return checkEditable(editable ?? '', demand, installed)
  const text = await textOf(requirements, look, run)
  if (text === undefined) return failed(`The requirements file ${requirements} does not exist`)
  if (await isSatisfied(requirements, text, demand, installed, look))
    return inSync('Requirements were already installed.')
  return drift(
    { requirements: true },
    {
      would: `Requirements file '${requirements}' will be processed.`,
      done: `Successfully processed requirements file ${requirements}.`,
    },
    (act) => installFile(requirements, text, demand, installed, run, act),
  )
}

const isInTree = (path: string): boolean => path.startsWith('salt://')

async function textOf(path: string, look: Reader, run: StateRun): Promise<string | undefined> {
  if (!isInTree(path) && !(await look.files.infoFollowed(path))) return undefined
  const { content } = await look.sources.fetch(path, run.environment)
  return Buffer.from(content).toString('utf8')
}

async function isSatisfied(
  path: string,
  text: string,
  { pip, caller, flags, upgrade, always }: PipDemand,
  installed: Installed,
  look: Reader,
): Promise<boolean> {
  if (always) return false
  const met = fileIsMet(text, installed)
  if (met === false || (met === true && !upgrade)) return met
  const operands = isInTree(path)
    ? ['--', ...parseRequirementsFile(text).requirements.map((one) => one.text)]
    : [`--requirement=${path}`]
  const would = await wouldInstall(pip, [...flags, ...operands], caller, look)
  return would?.length === 0
}

async function installFile(
  path: string,
  text: string,
  { pip, caller, flags }: PipDemand,
  before: Installed,
  run: StateRun,
  act: Changer,
): Promise<Applied | undefined> {
  const local = isInTree(path) ? await writeRequirements(path, text, caller.user, run, act) : path
  const { requirements } = parseRequirementsFile(text)
  try {
    const undo = freshNames(
      requirements.flatMap(({ name }) => name ?? []),
      before,
    )
    const result = await runPip(pip, ['install', ...flags, `--requirement=${local}`], caller, act, undo)
    if (result.code === 0) return undefined
    const comment = `Unable to process requirements file "${path}". Error: ${pipComplaint(result)}`
    return { ok: false, changes: {}, comment }
  } finally {
    if (local !== path) await act.files.remove(local)
  }
}

/** Words that take back what was not there before. */
const freshNames = (names: readonly string[], before: Installed): string[][] => {
  const fresh = names.filter((name) => !before.has(pythonName(name)))
  return fresh.length === 0 ? [] : [['uninstall', '-y', '--', ...fresh]]
}

function checkEditable(editable: string, demand: PipDemand, installed: Installed): Decision {
  const { name } = parseRequirement(editable)
  const path = editable
    .replace(/^file:\/\//, '')
    .replace(/\[[^\]]*\]$/, '')
    .replace(/\/+$/, '')
  const there = [...installed.values()].some(
    (one) =>
      one.editable !== undefined &&
      (one.editable === path || (name !== undefined && pythonName(one.name) === pythonName(name))),
  )
  if (there && !demand.always && !demand.upgrade)
    return inSync(`Package is already installed in editable mode from ${editable}`)
  return drift(
    { editable: true },
    {
      would: `Package will be installed in editable mode (i.e. setuptools "develop mode") from ${editable}.`,
      done: `Package successfully installed from VCS checkout ${editable}.`,
    },
    async (act): Promise<Applied | undefined> => {
      const { pip, caller, flags } = demand
      // A directory does not tell the name of its package, which an undo has to know.
      const flag = `--editable=${editable}`
      const would =
        name === undefined ? await wouldInstall(pip, [...flags, '--no-deps', flag], caller, act.look) : []
      const names = name === undefined ? (would ?? []).map((one) => one.name) : [name]
      const undo = freshNames(names, installed)
      const result = await runPip(pip, ['install', ...flags, flag], caller, act, undo)
      if (result.code === 0) return undefined
      const comment = `Unable to install from VCS checkout ${editable}. Error: ${pipComplaint(result)}`
      return { ok: false, changes: {}, comment }
    },
  )
}
