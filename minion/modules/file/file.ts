/** Execution module `file`: look at and handle files by hand. */
import * as v from 'valibot'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { lines } from '../../../shared/schema/collections.ts'
import { absolutePath, formatMode, mode } from '../../../shared/schema/paths.ts'
import { account, text } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { execFunction, execModule } from '../contract.ts'
import { backups } from './backups.ts'
import { editingFunctions } from './editing.ts'
import { finding } from './finding.ts'
import { kinds } from './kinds.ts'
import { looking } from './looking.ts'
import { measuring } from './measuring.ts'
import { moving } from './moving.ts'
import { paths } from './paths.ts'

const path = needed(absolutePath, 'Absolute path.')
const args = v.strictObject({ path })

async function readText(look: Reader, file: string): Promise<string> {
  return Buffer.from(await look.files.read(file)).toString('utf8')
}

const handling = {
  write: execFunction({
    summary: 'Writes lines to a file, replacing it.',
    args: v.strictObject({ path, args: needed(lines, 'The lines.') }),
    rest: 'args',
    examples: ["tsalt '*' file.write /etc/motd 'line one' 'line two'"],
    readOnly: false,
    run: async (given, { act }) => {
      await act.files.write(given.path, Buffer.from(`${given.args.join('\n')}\n`))
      return `Wrote ${given.args.length} lines to "${given.path}"`
    },
  }),
  append: execFunction({
    summary: 'Appends lines to a file.',
    args: v.strictObject({ path, args: needed(lines, 'The lines.') }),
    rest: 'args',
    examples: ["tsalt '*' file.append /etc/motd 'one more line'"],
    readOnly: false,
    run: async (given, { look, act }) => {
      const before = (await look.files.infoFollowed(given.path)) ? await readText(look, given.path) : ''
      const joint = before === '' || before.endsWith('\n') ? '' : '\n'
      await act.files.write(given.path, Buffer.from(`${before}${joint}${given.args.join('\n')}\n`))
      return `Wrote ${given.args.length} lines to "${given.path}"`
    },
  }),
  mkdir: execFunction({
    summary: 'Makes a directory and its parents.',
    args: v.strictObject({
      path,
      user: optional(account, 'Owner.'),
      group: optional(account, 'Group.'),
      mode: optional(mode, 'Permission bits.'),
    }),
    examples: ["tsalt '*' file.mkdir /srv/www"],
    readOnly: false,
    run: async ({ path: folder, ...options }, { act }) => {
      await act.files.makeDirectory(folder, { ...options, parents: true })
      return true
    },
  }),
  remove: execFunction({
    summary: 'Removes an entry, a directory with all it holds.',
    args,
    examples: ["tsalt '*' file.remove /tmp/old"],
    readOnly: false,
    run: async (given, { look, act }) => {
      if (!(await look.files.info(given.path))) return false
      await act.files.remove(given.path)
      return true
    },
  }),
  symlink: execFunction({
    summary: 'Makes or replaces a symlink.',
    args: v.strictObject({ src: needed(text, 'Where it points.'), path }),
    examples: ["tsalt '*' file.symlink /srv/app-2 /srv/app"],
    readOnly: false,
    run: async (given, { act }) => {
      await act.files.symlink(given.path, given.src)
      return true
    },
  }),
  set_mode: execFunction({
    summary: 'Sets permission bits.',
    args: v.strictObject({ path, mode: needed(mode, "Octal: '0644'.") }),
    examples: ["tsalt '*' file.set_mode /etc/motd 0644"],
    readOnly: false,
    run: async (given, { act }) => {
      await act.files.setMode(given.path, given.mode)
      return formatMode(given.mode)
    },
  }),
  chown: execFunction({
    summary: 'Sets owner and group.',
    args: v.strictObject({ path, user: needed(account, 'Owner.'), group: optional(account, 'Group.') }),
    examples: ["tsalt '*' file.chown /srv/www www-data www-data"],
    readOnly: false,
    run: async ({ path: entry, ...owner }, { act }) => {
      await act.files.setOwner(entry, owner)
      return true
    },
  }),
  touch: execFunction({
    summary: 'Makes an empty file where none is.',
    args,
    examples: ["tsalt '*' file.touch /tmp/there"],
    readOnly: false,
    run: async (given, { look, act }) => {
      if (!(await look.files.info(given.path))) await act.files.write(given.path, new Uint8Array())
      return true
    },
  }),
}

export const fileModule = execModule({
  summary: 'Files of the machine.',
  functions: {
    ...looking,
    ...measuring,
    ...finding,
    ...backups,
    ...kinds,
    ...handling,
    ...moving,
    ...editingFunctions,
    ...paths,
  },
})
