/** Execution module `aliases`: where mail for a name goes. */
import { needed } from '../../shared/schema/argument.ts'
import { nonEmptyText } from '../../shared/schema/scalars.ts'
import { aliasesIn, aliasFile, isSameName, squeezed } from '../states/alias-lines.ts'
import { linesOf } from '../states/text-file.ts'
import type { Reader } from '../system/reader.ts'
import { byState } from './by-state.ts'
import { execModule } from './contract.ts'
import { asking, changing } from './define.ts'

const alias = needed(nonEmptyText, 'Name before the colon.')
const target = needed(nonEmptyText, 'The addresses, with commas.')

async function entries(look: Reader) {
  if (!(await look.files.infoFollowed(aliasFile))) return []
  return aliasesIn(linesOf(Buffer.from(await look.files.read(aliasFile)).toString('utf8')))
}

const targetOf = async (name: string, look: Reader): Promise<string> =>
  (await entries(look)).find((one) => isSameName(one.name, name))?.target ?? ''

export const aliasesModule = execModule({
  summary: 'Where mail for a name goes.',
  functions: {
    list_aliases: asking(
      'All aliases with their addresses.',
      'aliases.list_aliases',
      {},
      async (_, { look }) => Object.fromEntries((await entries(look)).map((one) => [one.name, one.target])),
    ),
    get_target: asking(
      'Where the mail of one goes; empty where there is none.',
      'aliases.get_target root',
      { alias },
      (given, { look }) => targetOf(given.alias, look),
    ),
    has_target: asking(
      'True where its mail goes to these addresses.',
      'aliases.has_target root ops@example.org',
      { alias, target },
      async (given, { look }) => squeezed(await targetOf(given.alias, look)) === squeezed(given.target),
    ),
    set_target: changing(
      'Sends its mail to these addresses.',
      'aliases.set_target root ops@example.org',
      { alias, target },
      async (given, context) => {
        await byState('alias.present', { name: given.alias, target: given.target }, context)
        return true
      },
    ),
    rm_alias: changing('Removes an alias.', 'aliases.rm_alias olduser', { alias }, async (given, context) => {
      await byState('alias.absent', { name: given.alias }, context)
      return true
    }),
  },
})
