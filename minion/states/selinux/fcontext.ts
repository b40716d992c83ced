/** selinux.fcontext_policy_*: the labels that files at some paths are to have. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { choice, nonEmptyText } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type Applied, drift, failed, inSync, stateFunction } from '../contract.ts'
import { saidBy } from '../said-by.ts'
import { requires, word } from './requirements.ts'

/** Letters of semanage, and how it lists them. */
const fileTypes = {
  a: 'all files',
  f: 'regular file',
  d: 'directory',
  c: 'character device',
  b: 'block device',
  s: 'socket',
  l: 'symbolic link',
  p: 'named pipe',
} as const
const filetype = defaulted(
  choice(['a', 'f', 'd', 'c', 'b', 's', 'l', 'p']),
  'a',
  'Kind of files: `a` all, `f` files, `d` directories.',
)
const filespec = needed(nonEmptyText, 'Paths, as an expression: `/srv/web(/.*)?`.')

interface Rule {
  readonly user: string
  readonly type: string
  readonly level: string
}

/** Rules of this machine's own: `/srv(/.*)?   all files   system_u:object_r:httpd_sys_content_t:s0`. */
async function ruleOf(
  name: string,
  kind: keyof typeof fileTypes,
  look: Reader,
): Promise<Rule | undefined | string> {
  const { code, stdout, stderr } = await look.commands.query([
    'semanage',
    'fcontext',
    '--list',
    '--locallist',
    '--noheading',
  ])
  if (code !== 0) return `semanage failed: ${saidBy({ code, stderr })}`
  const line = stdout
    .split('\n')
    .find((one) => one.startsWith(`${name} `) && one.slice(name.length).trim().startsWith(fileTypes[kind]))
  if (line === undefined) return undefined
  const [user = '', , type = '', ...level] = (line.trim().split(/\s+/).at(-1) ?? '').split(':')
  return { user, type, level: level.join(':') }
}

const ruleEntries = {
  sel_user: optional(word, 'User of the label.'),
  sel_level: optional(word, 'Level of the label.'),
}

const refuseSpec = ({ name }: { name: string }) =>
  name.startsWith('/') && !/\s/.test(name)
    ? undefined
    : { argument: 'name', reason: 'it has to begin with "/" and has no blanks' }

function addArgv(
  name: string,
  kind: string,
  rule: { type: string; user?: string | undefined; level?: string | undefined },
  verb: '--add' | '--modify',
): string[] {
  const more = [...(rule.user ? ['--seuser', rule.user] : []), ...(rule.level ? ['--range', rule.level] : [])]
  return ['semanage', 'fcontext', verb, '--ftype', kind, '--type', rule.type, ...more, name]
}

export const fcontextPresent = stateFunction({
  summary:
    'Makes sure that files at these paths are to have a label. `restorecon` gives it to those that are there.',
  args: v.strictObject({
    name: filespec,
    sel_type: needed(word, 'Type of the label: `httpd_sys_content_t`.'),
    filetype,
    ...ruleEntries,
  }),
  examples: ["'/srv/web(/.*)?':\n  selinux.fcontext_policy_present:\n    - sel_type: httpd_sys_content_t\n"],
  refuse: refuseSpec,
  async check(wanted, look, run) {
    const lacking = await requires('semanage', look, run)
    if (lacking) return lacking
    const { name, sel_type, filetype: kind, sel_user, sel_level } = wanted
    const now = await ruleOf(name, kind, look)
    if (typeof now === 'string') return failed(now)
    const isRight =
      now?.type === sel_type && (sel_user ?? now.user) === now.user && (sel_level ?? now.level) === now.level
    if (isRight)
      return inSync(
        `SELinux policy for "${name}" already present with specified filetype "${fileTypes[kind]}" and sel_type "${sel_type}".`,
      )
    const changes: Plain = now
      ? { old: { [name]: { sel_type: now.type } }, new: { [name]: { sel_type } } }
      : { old: {}, new: { [name]: { filetype: fileTypes[kind], sel_type } } }
    return drift(
      changes,
      {
        would: `SELinux policy for "${name}" would be set to ${sel_type}`,
        done: `SELinux policy for "${name}" was set to ${sel_type}`,
      },
      async (act): Promise<Applied | undefined> => {
        const argv = addArgv(
          name,
          kind,
          { type: sel_type, user: sel_user, level: sel_level },
          now ? '--modify' : '--add',
        )
        const undo = [
          {
            argv: now
              ? addArgv(name, kind, now, '--modify')
              : ['semanage', 'fcontext', '--delete', '--ftype', kind, name],
          },
        ]
        const { code, stderr } = await act.commands.run(argv, { undo, timeout: 600_000 })
        return code === 0
          ? undefined
          : { ok: false, comment: `Error adding new rule: ${saidBy({ code, stderr })}` }
      },
    )
  },
})

export const fcontextAbsent = stateFunction({
  summary: 'Makes sure that this machine has no rule of its own for the label of files at these paths.',
  args: v.strictObject({
    name: filespec,
    filetype,
    sel_type: optional(word, 'Accepted for trees of Salt.'),
    ...ruleEntries,
  }),
  examples: ["'/srv/web(/.*)?':\n  selinux.fcontext_policy_absent: []\n"],
  refuse: refuseSpec,
  async check({ name, filetype: kind }, look, run) {
    const lacking = await requires('semanage', look, run)
    if (lacking) return lacking
    const now = await ruleOf(name, kind, look)
    if (typeof now === 'string') return failed(now)
    if (!now)
      return inSync(
        `SELinux policy for "${name}" already absent with specified filetype "${fileTypes[kind]}"`,
      )
    return drift(
      { old: { [name]: { sel_type: now.type, sel_user: now.user, sel_level: now.level } }, new: {} },
      {
        would: `SELinux policy for "${name}" would be removed`,
        done: `SELinux policy for "${name}" was removed`,
      },
      async (act): Promise<Applied | undefined> => {
        const undo = [{ argv: addArgv(name, kind, now, '--add') }]
        const { code, stderr } = await act.commands.run(
          ['semanage', 'fcontext', '--delete', '--ftype', kind, name],
          { undo, timeout: 600_000 },
        )
        return code === 0
          ? undefined
          : { ok: false, comment: `Error removing policy: ${saidBy({ code, stderr })}` }
      },
    )
  },
})
