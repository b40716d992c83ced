/** The Python of a tree: modules in the folders that Salt synchronises, and SLS whose first line names a program. */
import { pipelineOf } from '../../shared/render/pipeline.ts'
import type { Findings } from './finding.ts'
import type { LocalTree } from './local-tree.ts'

const synchronised =
  /(?:^|\/)_(beacons|cache|clouds|engines|executors|grains|log_handlers|matchers|modules|outputters|pillar|proxy|queues|renderers|returners|roster|runners|sdb|serializers|states|thorium|tokens|tops|utils|wheel|wrapper)\/([^/]+)\.py$/

export interface TreeModules {
  /** Names of modules in _states. */
  readonly states: ReadonlySet<string>
  /** Names of modules in _modules. */
  readonly modules: ReadonlySet<string>
}

/** Renderers whose files are run as a program, or whose language is another. */
const refused = new Set([
  'py',
  'pyobjects',
  'pydsl',
  'mako',
  'stateconf',
  'wempy',
  'genshi',
  'cheetah',
  'objects',
])

export function noteModules(tree: LocalTree, environment: string, found: Findings): TreeModules {
  const states = new Set<string>()
  const modules = new Set<string>()
  for (const path of tree.list(environment)) {
    const [, kind = '', name = ''] = synchronised.exec(path) ?? []
    if (kind === '' || name === '__init__') continue
    if (kind === 'states') states.add(name)
    if (kind === 'modules') modules.add(name)
    found.add({
      group: 'python',
      subject: `_${kind}`,
      message: `_${kind}/${name}.py is Python`,
      place: { file: path, line: 1, column: 1 },
    })
  }
  return { states, modules }
}

/** @returns whether the file is a program, and so not to be compiled */
export function isProgram(text: string, file: string, found: Findings): boolean {
  const renderer = pipelineOf(text, file, 'jinja|yaml').find((name) => refused.has(name))
  if (renderer === undefined) return false
  found.add({
    group: 'renderer',
    subject: `#!${renderer}`,
    message: `the renderer "${renderer}" runs program code`,
    hint: 'Write it as YAML with a template, or generate it before.',
    place: { file, line: 1, column: 1 },
  })
  return true
}
