/** Execution module `alternatives`: which of several programs stands for a name. */
import * as v from 'valibot'
import { needed } from '../../shared/schema/argument.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { text, whole } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import { byState } from './by-state.ts'
import { execFunction, execModule } from './contract.ts'
import { asking, changing } from './define.ts'

const name = needed(text, 'Name of the alternative: `editor`.')

const path = needed(absolutePath, 'What stands for it.')

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
    show_link: asking(
      'Where the name is.',
      'alternatives.show_link editor',
      { name },
      async (given, { look }) =>
        /^\s*link \S+ is (.*)$/m.exec(await displayed(look, given.name))?.[1] ??
        /^Link: (.*)$/m.exec(await displayed(look, given.name))?.[1] ??
        false,
    ),
    install: changing(
      'Makes a path one of those that can stand for a name.',
      'alternatives.install editor /usr/bin/editor /usr/bin/vim.basic 60',
      {
        name,
        link: needed(absolutePath, 'Where the name is.'),
        path,
        priority: needed(whole, 'The highest stands for the name.'),
      },
      async (given, context) => (await byState('alternatives.install', given, context)).comment,
    ),
    remove: changing(
      'Takes a path from those of a name.',
      'alternatives.remove editor /bin/ed',
      { name, path },
      async (given, context) => (await byState('alternatives.remove', given, context)).comment,
    ),
    set: changing(
      'Makes a path stand for a name.',
      'alternatives.set editor /usr/bin/vim.basic',
      { name, path },
      async (given, context) => (await byState('alternatives.set', given, context)).comment,
    ),
    auto: changing(
      'Makes the path with the highest priority stand for a name.',
      'alternatives.auto editor',
      { name },
      async (given, context) => (await byState('alternatives.auto', given, context)).comment,
    ),
    display: execFunction({
      summary: 'All that is known of a name, as update-alternatives prints it.',
      args: v.strictObject({ name }),
      examples: ["tsalt '*' alternatives.display editor"],
      readOnly: true,
      run: async (given, { look }) => displayed(look, given.name),
    }),
  },
})
