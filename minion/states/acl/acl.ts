/** acl.*: who else may do what with a file, besides its owner and group. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { nameList } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { choice, flag, readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type Applied,
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  stateModule,
  unknown,
} from '../contract.ts'
import { saidBy } from '../said-by.ts'
import { type AclEntry, type AclRead, type FileAcl, plainPerms, readAcls } from './entries.ts'

const kinds = ['user', 'group', 'mask', 'other', 'u', 'g', 'm', 'o'] as const
const kindsAndDefaults = [
  ...kinds,
  ...kinds.map((kind) => `default:${kind}` as const),
  ...kinds.map((kind) => `d:${kind}` as const),
]
const acl_type = needed(
  choice(kindsAndDefaults),
  'Whose permissions: `user`, `group`; `default:user` for what is made in a directory.',
)
const nobody = shaped<string>({
  words: 'name',
  json: { type: 'string' },
  read(value) {
    const read = readText(value)
    return read !== undefined && !/[\s,:]/.test(read)
      ? read
      : new Mismatch(`a name is expected, not ${describeValue(value)}`)
  },
})
const permissions = shaped<string>({
  words: 'permissions',
  json: { type: ['string', 'integer'] },
  read: (value) =>
    plainPerms(readText(value) ?? '?') ??
    new Mismatch(`permissions such as rwx are expected, not ${describeValue(value)}`),
})
const entries = {
  name: needed(absolutePath, 'The file or directory.'),
  acl_type,
  recurse: defaulted(flag, false, 'Also everything below it.'),
}
const name = defaulted(nobody, '', 'The user or group. Not given: the owner, or the owning group.')
const names = optional(nameList, 'The users or groups.')
const force = defaulted(flag, false, 'Remove every other entry where something has to change.')
const anyPerms = optional(permissions, 'Accepted for trees of Salt.')

interface Wish {
  readonly name: string
  readonly acl_type: (typeof kindsAndDefaults)[number]
  readonly recurse: boolean
  readonly who: readonly string[]
  /** undefined: no entry. */
  readonly perms: string | undefined
  readonly force: boolean
  /** Of this kind there may be no others. */
  readonly exactly: boolean
}

const longNames: Readonly<Record<string, AclEntry['type']>> = { u: 'user', g: 'group', m: 'mask', o: 'other' }

function kindOf(written: Wish['acl_type']): Pick<AclEntry, 'isDefault' | 'type'> {
  const kind = written.split(':').at(-1) ?? ''
  return { isDefault: written.includes(':'), type: longNames[kind] ?? (kind as AclEntry['type']) }
}

function refuse({
  acl_type: kind,
  acl_name: who,
}: {
  acl_type: Wish['acl_type']
  acl_name?: string
}): ArgumentRefusal | undefined {
  const { type } = kindOf(kind)
  return (type === 'mask' || type === 'other') && who !== undefined && who !== ''
    ? { argument: 'acl_name', reason: `${type} has no name` }
    : undefined
}

async function check(wish: Wish, look: Reader, run: StateRun): Promise<Decision> {
  const bringer = run.test && run.predicted.find(({ state }) => state !== 'acl')
  const later = bringer && `${bringer.state}.${bringer.fun} ${bringer.id}`
  if (!(await look.files.infoFollowed(wish.name)))
    return later
      ? unknown(`${wish.name} does not exist yet; ${later} may make it`)
      : failed(
          `${wish.name} does not exist`,
          'Make it in an earlier state (file.managed, file.directory), and require that.',
        )
  if ((await look.commands.which('setfacl')) === undefined)
    return later
      ? unknown(`setfacl is not installed yet; ${later} may bring it`)
      : failed('setfacl is not installed', 'Install the package acl in an earlier state.')
  const read = await readAcls(wish.name, wish.recurse, look)
  if (typeof read === 'string') return failed(read)
  return decide(wish, read)
}

/** Directories alone have entries for what is made in them. */
const mayHave = (acl: FileAcl, isDefault: boolean, isDirectory: (path: string) => boolean): boolean =>
  !isDefault || isDirectory(acl.path)

function decide(wish: Wish, read: AclRead): Decision {
  const { isDefault, type } = kindOf(wish.acl_type)
  const paths = read.acls.map(({ path }) => path)
  // Of several, one that others are below is a directory; a single one is taken as what was asked for.
  const isDirectory = (path: string): boolean =>
    path === wish.name || paths.some((other) => other.startsWith(`${path}/`))
  const own = (acl: FileAcl): AclEntry[] =>
    acl.entries.filter((one) => one.isDefault === isDefault && one.type === type)
  const find = (acl: FileAcl, who: string): AclEntry | undefined =>
    own(acl).find((one) => one.name === nameIn(acl, who, type))
  const concerned = read.acls.filter((acl) => mayHave(acl, isDefault, isDirectory))
  const wrong = wish.who.filter((who) =>
    concerned.some((acl) =>
      wish.perms === undefined ? find(acl, who) !== undefined : find(acl, who)?.perms !== wish.perms,
    ),
  )
  const [first] = read.acls
  const strangers =
    wish.exactly && first ? own(first).filter((one) => one.name !== '' && !wish.who.includes(one.name)) : []
  if (wrong.length === 0 && strangers.length === 0) return inSync('Permissions are in the desired state')
  const shown = (perms: string) => ({ acl_name: wish.who.join(', '), acl_type: wish.acl_type, perms })
  const before = first && wrong[0] !== undefined ? find(first, wrong[0])?.perms : undefined
  const isRemoval = wish.perms === undefined
  const changes = isRemoval
    ? { old: shown(before ?? '') }
    : {
        new: shown(wish.perms ?? ''),
        ...(before !== undefined && { old: shown(before) }),
        ...(strangers.length > 0 && { removed: strangers.map((one) => one.name) }),
      }
  const who = wish.who.join(', ')
  return drift(changes, commentsOf(wish, who, before), async (act): Promise<Applied | undefined> => {
    const options = wish.recurse ? ['--recursive', '--physical'] : []
    const undo = [{ argv: ['setfacl', '--restore=-'], stdin: read.text }]
    const words = (perms: string): string =>
      wish.who.map((one) => `${wish.acl_type}:${one}${perms}`).join(',')
    if (wish.force && !isRemoval) {
      const wiped = await act.commands.run(['setfacl', '--remove-all', ...options, '--', wish.name], { undo })
      if (wiped.code !== 0) return { ok: false, comment: `setfacl failed: ${saidBy(wiped)}` }
    }
    const gone = strangers.map((one) => `${wish.acl_type}:${one.name}`).join(',')
    const argv = [
      'setfacl',
      ...options,
      ...(isRemoval ? ['--remove', words('')] : ['--modify', words(`:${wish.perms}`)]),
      ...(gone === '' || wish.force ? [] : ['--remove', gone]),
    ]
    const { code, stderr } = await act.commands.run([...argv, '--', wish.name], { undo })
    return code === 0
      ? undefined
      : { ok: false, comment: `Error updating permissions for ${who}: ${saidBy({ code, stderr })}` }
  })
}

function nameIn(acl: FileAcl, who: string, type: AclEntry['type']): string {
  return (type === 'user' && who === acl.owner) || (type === 'group' && who === acl.group)
    ? acl.entries.some((one) => one.type === type && one.name === who)
      ? who
      : ''
    : who
}

function commentsOf(wish: Wish, who: string, before: string | undefined): { would: string; done: string } {
  if (wish.perms === undefined) return { would: 'Removing permissions', done: 'Removing permissions' }
  return before === undefined
    ? {
        would: `New permissions will be applied for ${who}: ${wish.perms}`,
        done: `Applied new permissions for ${who}`,
      }
    : {
        would: `Updated permissions will be applied for ${who}: ${before} -> ${wish.perms}`,
        done: `Updated permissions for ${who}`,
      }
}

const perms = needed(permissions, 'What they may do: `rwx`, `rx`, `r-x` or 5.')
const example = (fun: string, rest: string): string =>
  `/srv/shared:\n  acl.${fun}:\n    - acl_type: user\n${rest}`

export const acl = stateModule({
  summary: 'Access control lists of files.',
  functions: {
    present: stateFunction({
      summary: 'Makes sure that a user or group may do this with a file.',
      args: v.strictObject({ ...entries, acl_name: name, perms, force }),
      examples: [example('present', '    - acl_name: app\n    - perms: rwx\n')],
      refuse,
      check: ({ acl_name, ...wanted }, look, run) =>
        check({ ...wanted, who: [acl_name], exactly: false }, look, run),
    }),
    absent: stateFunction({
      summary: 'Makes sure that a user or group has no entry of its own.',
      args: v.strictObject({ ...entries, acl_name: name, perms: anyPerms }),
      examples: [example('absent', '    - acl_name: app\n')],
      refuse: (wanted) =>
        refuse(wanted) ??
        (wanted.acl_name === ''
          ? {
              argument: 'acl_name',
              reason: 'the entries of the owner, the owning group and others always stay',
            }
          : undefined),
      check: ({ acl_name, ...wanted }, look, run) =>
        check({ ...wanted, who: [acl_name], perms: undefined, force: false, exactly: false }, look, run),
    }),
    list_present: stateFunction({
      summary: 'Makes sure that these users or groups, and no others, may do this with a file.',
      args: v.strictObject({ ...entries, acl_names: names, acl_name: names, perms, force }),
      examples: [example('list_present', '    - acl_names: [app, backup]\n    - perms: rx\n')],
      refuse: listRefusal,
      check: ({ acl_names, acl_name, ...wanted }, look, run) =>
        check({ ...wanted, who: acl_names ?? acl_name ?? [], exactly: true }, look, run),
    }),
    list_absent: stateFunction({
      summary: 'Makes sure that users or groups have no entries of their own.',
      args: v.strictObject({ ...entries, acl_names: names, acl_name: names, perms: anyPerms }),
      examples: [example('list_absent', '    - acl_names: [app, backup]\n')],
      refuse: listRefusal,
      check: ({ acl_names, acl_name, ...wanted }, look, run) =>
        check(
          { ...wanted, who: acl_names ?? acl_name ?? [], perms: undefined, force: false, exactly: false },
          look,
          run,
        ),
    }),
  },
})

function listRefusal({
  acl_names,
  acl_name,
}: {
  acl_names?: string[]
  acl_name?: string[]
}): ArgumentRefusal | undefined {
  const wrong = (acl_names ?? acl_name)?.find((one) => one === '' || /[\s,:]/.test(one))
  if ((acl_names ?? acl_name ?? []).length === 0) return { argument: 'acl_names', reason: 'it names nobody' }
  return wrong === undefined ? undefined : { argument: 'acl_names', reason: `"${wrong}" is no name` }
}
