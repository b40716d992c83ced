/** The text of a source, rendered where a template engine is named. */
import type { Dict, Value } from '../../../shared/data/value.ts'
import type { Reader } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'

export interface TemplateArguments {
  readonly template?: string
  readonly context?: Dict
  readonly defaults?: Dict
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
): Promise<string> {
  if (template === undefined) return text
  const source = { text, name, environment: run.environment, sls: run.sls }
  return look.sources.render(template, source, { ...variables(defaults), ...variables(context) })
}

function variables(dict: Dict | undefined): Record<string, Value> {
  const plain: Record<string, Value> = Object.create(null)
  for (const [key, value] of dict ?? []) plain[String(key)] = value
  return plain
}
