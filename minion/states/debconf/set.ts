/** debconf.set: answers to the questions of one package. */
import * as v from 'valibot'
import { isDict, type Value } from '../../../shared/data/value.ts'
import { needed } from '../../../shared/schema/argument.ts'
import { readMapping } from '../../../shared/schema/collections.ts'
import { nonEmptyText, readFlag, readLooseText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import { type DebconfAnswer, isDebconfType } from '../../installers/debconf.ts'
import { stateFunction } from '../contract.ts'
import { decideAnswers } from './answers.ts'

type Answer = Omit<DebconfAnswer, 'owner'>

const answerJson = {
  type: 'object',
  properties: { type: { type: 'string' }, value: { type: ['string', 'number', 'boolean', 'null'] } },
}

/** `{question: {type: boolean, value: True}}` */
const answers = shaped<Answer[]>({
  words: 'mapping of questions to {type, value}',
  json: { type: 'object', additionalProperties: answerJson },
  read(value) {
    const questions = readMapping(value)
    if (!questions) return new Mismatch(`a mapping of questions is expected, not ${describeValue(value)}`)
    const found: Answer[] = []
    for (const [question, content] of questions) {
      const answer = readAnswer(String(question), content)
      if (answer instanceof Mismatch) return answer
      found.push(answer)
    }
    return found
  },
})

function readAnswer(question: string, content: Value): Answer | Mismatch {
  const fields = readMapping(content)
  if (!fields || /\s/.test(question))
    return new Mismatch(`${question}: {type, value} is expected, not ${describeValue(content)}`)
  const type = fields.get('type')
  if (typeof type !== 'string' || !isDebconfType(type))
    return new Mismatch(
      `${question}: the type is string, boolean, select, multiselect, password, note or text`,
    )
  const value = readValue(type, fields.get('value') ?? '')
  if (value === undefined || value.includes('\n'))
    return new Mismatch(`${question}: the value is one line of text`)
  return { question, type, value }
}

function readValue(type: string, value: Value): string | undefined {
  if (type === 'boolean') {
    const truth = isDict(value) ? undefined : readFlag(value)
    return truth === undefined ? undefined : String(truth)
  }
  return readLooseText(value)
}

export const set = stateFunction({
  summary: 'Makes sure that the questions of a package are answered, before or after it is installed.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'The package that asks.'),
    data: needed(
      answers,
      'Question by question `{type, value}`: `{postfix/mailname: {type: string, value: a.example.org}}`.',
    ),
  }),
  examples: [
    'postfix:\n  debconf.set:\n    - data:\n        postfix/main_mailer_type: {type: select, value: Satellite system}\n        postfix/mailname: {type: string, value: web1.example.org}\n  pkg.installed:\n    - require:\n      - debconf: postfix\n',
  ],
  refuse: ({ name }) =>
    /^[a-z0-9][a-z0-9+.-]*$/.test(name)
      ? undefined
      : { argument: 'name', reason: `"${name}" is not a package` },
  check: ({ name, data }, look) =>
    decideAnswers(
      data.map((one) => ({ owner: name, ...one })),
      { would: 'Debconf answers would be set.', done: 'Debconf answers were set.' },
      look,
    ),
})
