/** Execution module `acl`: access control lists of files. */
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed } from '../../shared/schema/argument.ts'
import { textList } from '../../shared/schema/collections.ts'
import { flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import { type AclEntry, type FileAcl, readAcls } from '../states/acl/entries.ts'
import { byState } from './by-state.ts'
import { execModule, type ModuleContext } from './contract.ts'
import { asking, changing } from './define.ts'

const files = needed(textList, 'Files or directories.')
const recursive = defaulted(flag, false, 'Also everything below them.')
const entry = {
  acl_type: needed(
    nonEmptyText,
    '`user`, `group`, `mask`, `other`; `default:user` for what is made in a directory.',
  ),
  acl_name: defaulted(text, '', 'The user or group.'),
  perms: defaulted(text, '', 'What they may do: `rwx`.'),
  files,
  recursive,
}

const bits = (perms: string): number =>
  (perms.includes('r') ? 4 : 0) + (perms.includes('w') ? 2 : 0) + (perms.includes('x') ? 1 : 0)

/** Salt's form: lists of one-key mappings, and the owners as a comment. */
function shown({ owner, group, entries }: FileAcl) {
  const lists = (all: readonly AclEntry[]) => {
    const found: Record<string, object> = {}
    for (const { type, name, perms } of all) {
      const value = {
        octal: bits(perms),
        permissions: { read: perms.includes('r'), write: perms.includes('w'), execute: perms.includes('x') },
      }
      if (type === 'mask' || type === 'other') found[type] = { '': value }
      else
        found[type] = [
          ...((found[type] as object[] | undefined) ?? []),
          { [name || (type === 'user' ? owner : group)]: value },
        ]
    }
    return found
  }
  const defaults = entries.filter(({ isDefault }) => isDefault)
  return JSON.parse(
    JSON.stringify({
      comment: { owner, group },
      ...lists(entries.filter(({ isDefault }) => !isDefault)),
      ...(defaults.length > 0 && { defaults: lists(defaults) }),
    }),
  )
}

async function each(paths: readonly string[], work: (path: string) => Promise<unknown>): Promise<true> {
  for (const path of paths) await work(path)
  return true
}

async function wipe(paths: readonly string[], below: boolean, { act, look }: ModuleContext): Promise<true> {
  return each(paths, async (path) => {
    const read = await readAcls(path, below, look)
    if (typeof read === 'string')
      throw new TsaltError('function-failed', { fun: 'acl.wipefacls', reason: read })
    const words = ['setfacl', '--remove-all', ...(below ? ['--recursive', '--physical'] : []), '--', path]
    const { code, stderr } = await act.commands.run(words, {
      undo: [{ argv: ['setfacl', '--restore=-'], stdin: read.text }],
    })
    if (code !== 0) throw new TsaltError('function-failed', { fun: 'acl.wipefacls', reason: stderr.trim() })
  })
}

export const aclModule = execModule({
  summary: 'Access control lists of files.',
  functions: {
    getfacl: asking(
      'Lists of files by their paths.',
      'acl.getfacl /srv/shared recursive=True',
      { files, recursive },
      async (given, { look }) => {
        const all: Record<string, object> = {}
        for (const path of given.files) {
          const read = await readAcls(path, given.recursive, look)
          if (typeof read === 'string')
            throw new TsaltError('function-failed', { fun: 'acl.getfacl', reason: read })
          for (const acl of read.acls) all[acl.path] = shown(acl)
        }
        return JSON.parse(JSON.stringify(all))
      },
      { rest: 'files' },
    ),
    modfacl: changing(
      'Lets a user or group do this with files.',
      'acl.modfacl user app rwx /srv/shared',
      entry,
      async ({ files: paths, recursive: recurse, ...given }, context) =>
        each(paths, (path) => byState('acl.present', { ...given, name: path, recurse }, context)),
      { rest: 'files' },
    ),
    delfacl: changing(
      'Removes the entry of a user or group.',
      'acl.delfacl user app rwx /srv/shared',
      entry,
      async ({ files: paths, recursive: recurse, acl_type, acl_name }, context) =>
        each(paths, (path) => byState('acl.absent', { acl_type, acl_name, name: path, recurse }, context)),
      { rest: 'files' },
    ),
    wipefacls: changing(
      'Removes all entries but those of the owner, the group and others.',
      'acl.wipefacls /srv/shared',
      { files, recursive },
      (given, context) => wipe(given.files, given.recursive, context),
      { rest: 'files' },
    ),
  },
})
