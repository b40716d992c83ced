/** What pip has to do so that requirements are met: found without it where that can be told, else pip is asked. */
import { type PipCaller, type PipPackage, wouldInstall } from '../../installers/pip.ts'
import {
  type PythonRequirement,
  parseRequirement,
  parseRequirementsFile,
  pythonName,
} from '../../installers/python-requirement.ts'
import { satisfies } from '../../installers/python-version.ts'
import type { Reader } from '../../system/reader.ts'

export interface PipDemand {
  readonly pip: readonly string[]
  readonly caller: PipCaller
  /** Options of pip install. */
  readonly flags: readonly string[]
  /** Newest versions are wanted. */
  readonly upgrade: boolean
  /** Installed again whatever is there. */
  readonly always: boolean
}

export type Installed = ReadonlyMap<string, PipPackage>

/** Met by what is installed; undefined: only pip can tell. */
export function isMet(requirement: PythonRequirement, installed: Installed): boolean | undefined {
  const { name, clauses } = requirement
  if (name === undefined) return undefined
  const found = installed.get(pythonName(name))
  if (!found) return clauses === undefined ? undefined : false
  return clauses === undefined ? undefined : satisfies(found.version, clauses)
}

/** Those of the requirements for which pip has something to do. */
export async function openRequirements(
  texts: readonly string[],
  demand: PipDemand,
  installed: Installed,
  look: Reader,
): Promise<PythonRequirement[]> {
  const open: PythonRequirement[] = []
  for (const requirement of texts.map(parseRequirement)) {
    const met = demand.always ? false : isMet(requirement, installed)
    if (met === false || (await pipWould(requirement, met, demand, look))) open.push(requirement)
  }
  return open
}

async function pipWould(
  { text, name }: PythonRequirement,
  met: boolean | undefined,
  { pip, flags, caller, upgrade }: PipDemand,
  look: Reader,
): Promise<boolean> {
  if (met === true && !upgrade) return false
  const would = await wouldInstall(pip, [...flags, '--', text], caller, look)
  // A pip that cannot tell: what is there does for a plain name, and anything else is done again.
  if (!would) return upgrade || met === undefined
  return name === undefined
    ? would.length > 0
    : would.some((one) => pythonName(one.name) === pythonName(name))
}

/** Whether all that a requirements file demands is there; undefined: only pip can tell. */
export function fileIsMet(text: string, installed: Installed): boolean | undefined {
  const { requirements, opaque } = parseRequirementsFile(text)
  const answers = requirements.map((one) => isMet(one, installed))
  if (answers.includes(false)) return false
  return opaque || answers.includes(undefined) ? undefined : true
}
