/** The text of a source, rendered where a template engine is named. */
import { Merger } from '../../../shared/data/merge.ts'
import type { Dict, Value } from '../../../shared/data/value.ts'
import { markAllOrdered } from '../../../shared/render/ordered.ts'
import type { Reader } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'

export interface TemplateArguments {
  readonly template?: string
  readonly context?: Dict
  readonly defaults?: Dict
}

/** The file that a source becomes, for variables of its template. */
export interface FileAbout {
  readonly name: string
  /** The one that was chosen of several. */
  readonly source: string
  readonly user?: string | number | undefined
  readonly group?: string | number | undefined
  /** Permission bits. */
  readonly mode?: number | 'keep' | undefined
}

/** @throws TsaltError `source-missing`, or of the template */
export async function renderSource(
  url: string,
  template: TemplateArguments,
  look: Reader,
  run: StateRun,
): Promise<string> {
  const source = await look.sources.fetch(url, run.environment)
  return renderText(Buffer.from(source.content).toString('utf8'), url, template, look, run)
}

/** @param name for errors: the url, or the state's id for inline text */
export async function renderText(
  text: string,
  name: string,
  { template, context, defaults }: TemplateArguments,
  look: Reader,
  run: StateRun,
  about?: FileAbout,
): Promise<string> {
  if (template === undefined) return text
  const source = { text, name, environment: run.environment, sls: run.sls }
  return look.sources.render(template, source, variables(template, about, defaults, context))
}

/** As in Salt, mappings in `context` are laid over those of the same name in `defaults`, key by key. */
function variables(
  template: string,
  about: FileAbout | undefined,
  defaults: Dict | undefined,
  context: Dict | undefined,
): Record<string, Value> {
  // Salt's templates know them; in Handlebars a word that nobody gave stays a mistake.
  const known = about !== undefined && template === 'jinja' ? aboutFile(about) : undefined
  return variablesOf([known, defaults, context])
}

/** Of mappings one over the other, those before the last may be absent. */
export function variablesOf(dicts: readonly (Dict | undefined)[]): Record<string, Value> {
  const merger = new Merger({ strategy: 'recurse', mergeLists: false })
  for (const dict of dicts) if (dict !== undefined) merger.add(dict)
  const plain: Record<string, Value> = Object.create(null)
  for (const [key, value] of merger.finish()) {
    markAllOrdered(value)
    plain[String(key)] = value
  }
  return plain
}

const aboutFile = ({ name, source, user, group, mode }: FileAbout): Dict =>
  new Map<string, Value>([
    ['name', name],
    ['source', source],
    ['user', user ?? null],
    ['group', group ?? null],
    ['mode', typeof mode === 'number' ? mode.toString(8).padStart(4, '0') : (mode ?? null)],
    ['attrs', null],
  ])
