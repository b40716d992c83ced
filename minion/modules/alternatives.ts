/** Execution module `alternatives`: which of several programs stands for a name. */
import * as v from 'valibot'
import { needed } from '../../shared/schema/argument.ts'
import { text } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import { execFunction, execModule } from './contract.ts'

const name = needed(text, 'Name of the alternative: `editor`.')

async function current(look: Reader, alternative: string): Promise<string | false> {
  const info = await look.files.info(`/etc/alternatives/${alternative}`)
  return info?.target ?? false
}

/** What update-alternatives prints of all that is known of a name. */
async function displayed(look: Reader, alternative: string): Promise<string> {
  const { code, stdout, stderr } = await look.commands.query([
    'update-alternatives',
    '--display',
    alternative,
  ])
  return code === 0 ? stdout.trimEnd() : stderr.trimEnd()
}

export const alternativesModule = execModule({
  summary: 'Which of several programs stands for a name.',
  functions: {
    show_current: execFunction({
      summary: 'Path that a name stands for now; False where there is no such name.',
      args: v.strictObject({ name }),
      examples: ["tsalt '*' alternatives.show_current editor"],
      readOnly: true,
      run: async (given, { look }) => current(look, given.name),
    }),
    check_exists: execFunction({
      summary: 'True where the path is one of those that the name can stand for.',
      args: v.strictObject({ name, path: needed(text, 'The path.') }),
      examples: ["tsalt '*' alternatives.check_exists editor /usr/bin/vim"],
      readOnly: true,
      run: async (given, { look }) =>
        (await displayed(look, given.name)).split('\n').some((line) => line.startsWith(`${given.path} - `)),
    }),
    check_installed: execFunction({
      summary: 'True where the name stands for the path now.',
      args: v.strictObject({ name, path: needed(text, 'The path.') }),
      examples: ["tsalt '*' alternatives.check_installed editor /usr/bin/vim"],
      readOnly: true,
      run: async (given, { look }) => (await current(look, given.name)) === given.path,
    }),
    display: execFunction({
      summary: 'All that is known of a name, as update-alternatives prints it.',
      args: v.strictObject({ name }),
      examples: ["tsalt '*' alternatives.display editor"],
      readOnly: true,
      run: async (given, { look }) => displayed(look, given.name),
    }),
  },
})
