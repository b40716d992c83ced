/** Requirements of Python packages, as pip takes them: `Flask[async]>=2,<3`, a URL, a path. */
import { parseSpecifiers } from './python-version.ts'

export interface PythonRequirement {
  /** As written. */
  readonly text: string
  /** Of the package; undefined where only pip can tell (a URL without #egg=, a directory). */
  readonly name: string | undefined
  /** undefined: cannot be judged here (a marker, a URL): pip has to be asked. */
  readonly clauses: readonly (readonly [string, string])[] | undefined
  /** URL or path. */
  readonly direct: boolean
}

/** Names are the same in lower case with runs of `-`, `_` and `.` as one dash. */
export const pythonName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-')

const named =
  /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?:\(([^)]*)\)|([^;@()]*))?\s*(;.*)?$/

export function parseRequirement(written: string): PythonRequirement {
  const text = written.trim()
  const isDirect = /^(?:[a-z][a-z0-9+.-]*:\/\/|\.{0,2}\/|~\/)/i.test(text) || / @ /.test(text)
  if (isDirect) return directRequirement(text)
  const [, name, bracketed, plain, marker] = named.exec(text) ?? []
  if (name === undefined) return { text, name: undefined, clauses: undefined, direct: false }
  const clauses = marker === undefined ? parseSpecifiers(bracketed ?? plain ?? '') : undefined
  return { text, name, clauses, direct: false }
}

/** A wheel tells its name and version; `#egg=name` tells a name. */
function directRequirement(text: string): PythonRequirement {
  const before = /^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s+@ /.exec(text)?.[1]
  if (before !== undefined) return { text, name: before, clauses: [], direct: true }
  const egg = /#(?:.*&)?egg=([A-Za-z0-9._-]+)/.exec(text)?.[1]
  if (egg !== undefined) return { text, name: egg, clauses: [], direct: true }
  const [, name, version] = /([^/]+?)-(\d[^-/]*)(?:-[^/]*)?\.(?:whl)$/.exec(text.replace(/[?#].*$/, '')) ?? []
  if (name === undefined || version === undefined)
    return { text, name: undefined, clauses: undefined, direct: true }
  return { text, name, clauses: [['==', version]], direct: true }
}

export interface RequirementsFile {
  readonly requirements: readonly PythonRequirement[]
  /** Something in it that only pip can judge: `-r other.txt`, `-e path`. */
  readonly opaque: boolean
}

/** The lines of a requirements file. Options that only say where to look (`-i URL`) demand nothing. */
export function parseRequirementsFile(text: string): RequirementsFile {
  const requirements: PythonRequirement[] = []
  let opaque = false
  for (const line of text.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    const bare = line.replace(/(?:^|\s)#.*$/, '').trim()
    if (bare === '') continue
    if (/^(?:-r|-c|-e|--requirement|--constraint|--editable)\b/.test(bare)) opaque = true
    else if (!bare.startsWith('-'))
      requirements.push(parseRequirement(bare.replace(/\s--[a-z-]+[= ].*$/, '')))
  }
  return { requirements, opaque }
}
