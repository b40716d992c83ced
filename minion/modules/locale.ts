/** Execution module `locale`: locales of the machine, and the one that it speaks. */
import { needed } from '../../shared/schema/argument.ts'
import { nonEmptyText } from '../../shared/schema/scalars.ts'
import { availableLocales, localeFiles, plainLocale } from '../states/locale.ts'
import type { Reader } from '../system/reader.ts'
import { byState } from './by-state.ts'
import { execModule } from './contract.ts'
import { asking, changing } from './define.ts'

const locale = needed(nonEmptyText, 'The locale: `en_US.UTF-8`.')

async function spoken(look: Reader): Promise<string> {
  const path = localeFiles[String(look.grains.get('os_family'))] ?? '/etc/locale.conf'
  if (!(await look.files.infoFollowed(path))) return ''
  const text = Buffer.from(await look.files.read(path)).toString('utf8')
  return /^\s*LANG=["']?([^"'\n]*)/m.exec(text)?.[1]?.trim() ?? ''
}

export const localeModule = execModule({
  summary: 'Locales of the machine, and the one that it speaks.',
  functions: {
    list_avail: asking('Locales that the machine has.', 'locale.list_avail', {}, async (_, { look }) => [
      ...((await availableLocales(look)) ?? []),
    ]),
    avail: asking(
      'True where the machine has a locale.',
      'locale.avail en_US.UTF-8',
      { locale },
      async (given, { look }) => (await availableLocales(look))?.has(plainLocale(given.locale)) ?? false,
    ),
    get_locale: asking('The locale that the machine speaks.', 'locale.get_locale', {}, (_, { look }) =>
      spoken(look),
    ),
    set_locale: changing(
      'Makes the machine speak a locale.',
      'locale.set_locale en_US.UTF-8',
      { locale },
      async (given, context) => {
        await byState('locale.system', { name: given.locale }, context)
        return true
      },
    ),
    gen_locale: changing(
      'Generates a locale.',
      'locale.gen_locale en_US.UTF-8',
      { locale },
      async (given, context) => {
        await byState('locale.present', { name: given.locale }, context)
        return true
      },
    ),
  },
})
