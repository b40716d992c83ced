/** Execution module `ini`: options and sections of files such as /etc/mysql/my.cnf. */
import type { Plain } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { mapping } from '../../shared/schema/collections.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { text } from '../../shared/schema/scalars.ts'
import type { IniDocument } from '../states/ini/document.ts'
import type { Reader } from '../system/reader.ts'
import { byState } from './by-state.ts'
import { execModule } from './contract.ts'
import { asking, changing } from './define.ts'

const file_name = needed(absolutePath, 'The file.')
const section = needed(text, 'The section; DEFAULT_IMPLICIT: above all sections.')
const option = needed(text, 'The option.')
const separator = defaulted(text, '=', 'Stands between an option and its value.')

async function open(path: string, mark: string, look: Reader): Promise<IniDocument> {
  const { IniDocument } = await import('../states/ini/document.ts')
  const content = (await look.files.infoFollowed(path)) ? await look.files.read(path) : new Uint8Array()
  return new IniDocument(Buffer.from(content).toString('utf8'), mark)
}

async function wholeOf(path: string, mark: string, look: Reader): Promise<Plain> {
  const { implicit } = await import('../states/ini/document.ts')
  const document = await open(path, mark, look)
  const named = document.text.split('\n').flatMap((line) => /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1] ?? [])
  const all = [...new Set(named)].map((name) => [name, new Map(document.options(name))] as const)
  return new Map<string, Plain>([...document.options(implicit), ...all])
}

export const iniModule = execModule({
  summary: 'Options and sections of files such as /etc/mysql/my.cnf.',
  functions: {
    get_option: asking(
      'Value of an option; empty where there is none.',
      'ini.get_option /etc/mysql/my.cnf mysqld port',
      { file_name, section, option, separator },
      async (given, { look }) =>
        (await open(given.file_name, given.separator, look)).options(given.section).get(given.option) ?? '',
    ),
    get_section: asking(
      'Options of a section.',
      'ini.get_section /etc/mysql/my.cnf mysqld',
      { file_name, section, separator },
      async (given, { look }) =>
        new Map((await open(given.file_name, given.separator, look)).options(given.section)),
    ),
    get_ini: asking(
      'All of a file.',
      'ini.get_ini /etc/mysql/my.cnf',
      { file_name, separator },
      (given, { look }) => wholeOf(given.file_name, given.separator, look),
    ),
    set_option: changing(
      'Sets options; answers what changed.',
      "ini.set_option /etc/app.ini '{main: {port: 80}}'",
      { file_name, sections: optional(mapping, 'Section → option → value.'), separator },
      async (given, context) => {
        const wanted = {
          name: given.file_name,
          sections: given.sections ?? new Map(),
          separator: given.separator,
        }
        return (await byState('ini.options_present', wanted, context)).changes
      },
    ),
    remove_option: changing(
      'Removes an option; answers its value.',
      'ini.remove_option /etc/app.ini main port',
      { file_name, section, option, separator },
      async (given, context) => {
        const document = await open(given.file_name, given.separator, context.look)
        const before = document.options(given.section).get(given.option)
        if (before === undefined) return null
        document.remove(given.section, given.option)
        await context.act.files.write(given.file_name, Buffer.from(document.text))
        return before
      },
    ),
    remove_section: changing(
      'Removes a section; answers its options.',
      'ini.remove_section /etc/app.ini main',
      { file_name, section, separator },
      async (given, context) => {
        const document = await open(given.file_name, given.separator, context.look)
        if (!document.hasSection(given.section)) return {}
        const before = new Map(document.options(given.section))
        document.removeSection(given.section)
        await context.act.files.write(given.file_name, Buffer.from(document.text))
        return before
      },
    ),
  },
})
