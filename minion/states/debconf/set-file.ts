/** debconf.set_file: answers from a file, as debconf-set-selections takes them. */
import * as v from 'valibot'
import type { Value } from '../../../shared/data/value.ts'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { mapping } from '../../../shared/schema/collections.ts'
import { nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import { parseSelections } from '../../installers/debconf.ts'
import { failed, stateFunction } from '../contract.ts'
import { isRemote } from '../file/fetch-source.ts'
import { decideAnswers } from './answers.ts'

export const setFile = stateFunction({
  summary: 'Makes sure that questions of packages are answered as a file says.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'The file, where `source` is not given.'),
    source: optional(
      nonEmptyText,
      'The file: `salt://PATH` or a path on the minion, with lines `PACKAGE QUESTION TYPE VALUE`.',
    ),
    template: optional(text, 'Render it first: `jinja`.'),
    context: optional(mapping, 'Variables of the template.'),
    defaults: optional(mapping, 'Variables that context may replace.'),
  }),
  examples: ['answers:\n  debconf.set_file:\n    - source: salt://mail/answers.selections\n'],
  refuse: ({ name, source }) => {
    const from = source ?? name
    if (isRemote(from)) return { argument: 'source', reason: 'it is salt://PATH or a path on the minion' }
    return /^(?:salt:\/\/|\/)/.test(from) ? undefined : { argument: 'source', reason: 'the file is needed' }
  },
  async check({ name, source = name, template, context, defaults }, look, run) {
    const { content } = await look.sources.fetch(source, run.environment)
    const raw = Buffer.from(content).toString('utf8')
    const variables: Record<string, Value> = {}
    for (const all of [defaults, context])
      for (const [key, value] of all ?? []) variables[String(key)] = value
    const rendered =
      template === undefined
        ? raw
        : await look.sources.render(
            template,
            { text: raw, name: source, environment: run.environment, sls: run.sls },
            variables,
          )
    const answers = parseSelections(rendered)
    if (typeof answers === 'string')
      return failed(
        `Unable to set debconf selections from file: "${hidden(answers)}" is no answer`,
        'A line has the package, the question, its type and the value.',
      )
    const comments = {
      would: 'Debconf selections would have been set.',
      done: 'Debconf selections were set.',
    }
    return decideAnswers(answers, comments, look)
  },
})

/** The value of a line may be a password. */
const hidden = (line: string): string => line.trim().split(/\s+/, 3).join(' ')
