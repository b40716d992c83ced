/** docs/reference/states/*.md and docs/reference/modules/*.md, one page for each module. */
import type { ExecFunction, ExecModule } from '../../minion/modules/contract.ts'
import type { StateFunction, StateModule } from '../../minion/states/contract.ts'
import { type ArgumentFacts, argumentsOf, cell, writeValue } from './arguments.ts'

export const generatedNote = '<!-- Written by "npm run docs" from the code. Changes made here are lost. -->'

export function statePage(name: string, module: StateModule): string {
  const functions = Object.entries(module.functions)
  const parts = functions.map(([fun, definition]) => stateSection(`${name}.${fun}`, definition))
  const contents = functions.map(([fun]) => `[${name}.${fun}](#${anchor(`${name}.${fun}`)})`).join(' · ')
  return `${generatedNote}\n\n# State module \`${name}\`\n\n${module.summary}\n\n${contents}\n\n${globalNote}\n\n${parts.join('\n')}`
}

const globalNote =
  'Every state also takes the requisites (`require`, `watch`, `onchanges`, …) and `names`, `order`, `onlyif`, `unless`, `creates`, `check_cmd`, `retry`, `failhard`.'

/** What a page shows of a state, of a minion or of an orchestration. */
export type DescribedState = Pick<
  StateFunction,
  'summary' | 'args' | 'examples' | 'anyArguments' | 'repeats'
> & {
  readonly refresh?: unknown
}

export function stateSection(title: string, definition: DescribedState): string {
  const notes = [
    definition.refresh && 'Acts on `watch` and `listen`.',
    definition.repeats && 'Does something at every run; a second run is not silent.',
    definition.anyArguments && 'Takes any other argument and ignores it.',
  ].filter((note) => typeof note === 'string')
  const examples = definition.examples.map((example) => `\`\`\`yaml\n${example.trimEnd()}\n\`\`\`\n`)
  return [
    `## ${title}`,
    '',
    `${definition.summary}${notes.length > 0 ? ` ${notes.join(' ')}` : ''}`,
    '',
    argumentTable(argumentsOf(definition.args)),
    ...examples,
  ].join('\n')
}

export function modulePage(name: string, module: ExecModule): string {
  const functions = Object.entries(module.functions)
  const parts = functions.map(([fun, definition]) => functionSection(`${name}.${fun}`, definition))
  const contents = functions.map(([fun]) => `[${name}.${fun}](#${anchor(`${name}.${fun}`)})`).join(' · ')
  return `${generatedNote}\n\n# Execution module \`${name}\`\n\n${module.summary}\n\n${contents}\n\n${parts.join('\n')}`
}

function functionSection(title: string, definition: ExecFunction): string {
  const notes = [
    definition.readOnly && 'Changes nothing.',
    definition.queued && "Waits its turn in the minion's queue of state runs.",
    definition.rest !== undefined && `Further positional arguments go to \`${definition.rest}\`.`,
    definition.restKeywords !== undefined &&
      `Other \`name=value\` arguments go to \`${definition.restKeywords}\`.`,
  ].filter((note) => typeof note === 'string')
  const facts = argumentsOf(definition.args)
  return [
    `## ${title}`,
    '',
    `${definition.summary}${notes.length > 0 ? ` ${notes.join(' ')}` : ''}`,
    '',
    facts.length > 0 ? argumentTable(facts) : 'No arguments.\n',
    `\`\`\`sh\n${definition.examples.join('\n')}\n\`\`\`\n`,
  ].join('\n')
}

function argumentTable(facts: readonly ArgumentFacts[]): string {
  const rows = facts.map(({ name, type, needed, fallback, description }) => {
    const standard = needed ? '**needed**' : writeValue(fallback)
    return `| \`${name}\` | ${cell(type)} | ${standard} | ${cell(description)} |`
  })
  return ['| argument | type | default | |', '| --- | --- | --- | --- |', ...rows, ''].join('\n')
}

/** As GitHub makes anchors of headings. */
export const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replace(/ /g, '-')

export function indexPage(
  title: string,
  folder: string,
  modules: Readonly<Record<string, { summary: string; functions: object }>>,
): string {
  const rows = Object.entries(modules).map(
    ([name, module]) =>
      `| [\`${name}\`](${folder}/${name}.md) | ${cell(module.summary)} | ${Object.keys(module.functions)
        .map((fun) => `\`${fun}\``)
        .join(' ')} |`,
  )
  return `${generatedNote}\n\n# ${title}\n\n| module | | functions |\n| --- | --- | --- |\n${rows.join('\n')}\n`
}
