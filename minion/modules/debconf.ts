/** Execution module `debconf`: answers to the questions of packages of Debian. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed } from '../../shared/schema/argument.ts'
import { flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import {
  type DebconfAnswer,
  debconfQuestions,
  isDebconfType,
  parseSelections,
  setAnswers,
} from '../installers/debconf.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import { execFunction, execModule } from './contract.ts'

const hidden = '(password hidden)'

/** Package → `[question, type, value]`; passwords are not told. */
async function selections(look: Reader): Promise<Map<string, [string, string, string][]>> {
  const found = new Map<string, [string, string, string][]>()
  for (const [question, { owners, type, value }] of await debconfQuestions(look)) {
    const shown = type === 'password' && value !== '' ? hidden : value
    for (const owner of owners) found.set(owner, [...(found.get(owner) ?? []), [question, type, shown]])
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function answer(answers: readonly DebconfAnswer[], act: Changer): Promise<true> {
  const complaint = await setAnswers(answers, await debconfQuestions(act.look), act)
  if (complaint === undefined) return true
  throw new TsaltError('package-failed', { manager: 'debconf-set-selections', code: 1, reason: complaint })
}

const setOne = execFunction({
  summary: 'Answers one question of a package.',
  args: v.strictObject({
    package: needed(nonEmptyText, 'The package that asks.'),
    question: needed(nonEmptyText, 'The question.'),
    type: needed(nonEmptyText, '`string`, `boolean`, `select` or another type of debconf.'),
    value: needed(text, 'The answer.'),
  }),
  examples: ['tsalt web1 debconf.set postfix postfix/mailname string web1.example.org'],
  readOnly: false,
  run: async ({ package: owner, question, type, value }, { act }) => {
    const wrong =
      [owner, question].find((word) => /\s/.test(word)) ?? (isDebconfType(type) ? undefined : type)
    if (wrong !== undefined || value.includes('\n'))
      throw new TsaltError('package-failed', {
        manager: 'debconf',
        code: '-',
        reason: `"${wrong ?? question}" cannot be answered so`,
      })
    return answer([{ owner, question, type, value }], act)
  },
})

export const debconfModule = execModule({
  summary: 'Answers to the questions that packages of Debian ask.',
  functions: {
    get_selections: execFunction({
      summary: 'All answers, by package: [question, type, value].',
      args: v.strictObject({ fetchowner: defaulted(flag, true, 'False: all in one list, under "*".') }),
      examples: ["tsalt '*' debconf.get_selections"],
      readOnly: true,
      run: async ({ fetchowner }, { look }) => {
        const all = await selections(look)
        return fetchowner ? new Map<string, Plain>(all) : { '*': [...all.values()].flat() }
      },
    }),
    show: execFunction({
      summary: 'Answers to the questions of one package.',
      args: v.strictObject({ name: needed(nonEmptyText, 'The package.') }),
      examples: ["tsalt '*' debconf.show postfix"],
      readOnly: true,
      run: async ({ name }, { look }) => (await selections(look)).get(name) ?? null,
    }),
    set: setOne,
    set_: { ...setOne, examples: setOne.examples.map((each) => each.replace('debconf.set', 'debconf.set_')) },
    set_file: execFunction({
      summary: 'Answers questions as a file says.',
      args: v.strictObject({
        path: needed(nonEmptyText, '`salt://PATH`, or a path on the minion.'),
        saltenv: defaulted(text, 'base', 'Environment of the file.'),
      }),
      examples: ['tsalt web1 debconf.set_file salt://mail/answers.selections'],
      readOnly: false,
      async run({ path, saltenv }, { act }) {
        const { content } = await act.look.sources.fetch(path, saltenv)
        const answers = parseSelections(Buffer.from(content).toString('utf8'))
        if (typeof answers !== 'string') return answer(answers, act)
        const reason = `not every line of ${path} is an answer`
        throw new TsaltError('package-failed', { manager: 'debconf', code: '-', reason })
      },
    }),
  },
})
