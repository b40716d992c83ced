/** file.managed: one file with this content, owner and mode. */

import type { FileInfo, Reader } from '../../system/reader.ts'
import {
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  unknown,
} from '../contract.ts'
import { type FlagPlan, planFlags } from './attribute-flags.ts'
import { missingAccounts } from './attributes.ts'
import { backupFolder, type FilePlan, planFile } from './content-plan.ts'
import { type Desired, desiredContent } from './desired-content.ts'
import { type Resolved, resolveLinks } from './link.ts'
import { type ManagedArguments, managedArguments } from './managed-arguments.ts'
import { blockingParent, makeParents, parentHint, parentState } from './parents.ts'

export const managed = stateFunction({
  summary: 'Makes sure that a file has this content, owner and mode.',
  args: managedArguments,
  examples: [
    "/etc/redis/redis.conf:\n  file.managed:\n    - source: salt://redis/redis.conf\n    - template: handlebars\n    - context:\n        port: 6379\n    - user: redis\n    - group: redis\n    - mode: '0640'\n    - makedirs: True\n",
    '/etc/motd:\n  file.managed:\n    - contents: |\n        This machine is managed.\n        Changes made by hand are undone.\n',
    '/etc/app/secret.key:\n  file.managed:\n    - contents_pillar: app:secret_key\n    - mode: "0600"\n    - show_changes: False\n',
    '/etc/sudoers.d/app:\n  file.managed:\n    - contents: "app ALL=(root) NOPASSWD: /usr/bin/systemctl restart app"\n    - mode: "0440"\n    - check_cmd: visudo -c -f\n',
  ],
  ownCheckCommand: true,
  templateVariables: true,
  refuse,
  check,
})

function refuse(args: ManagedArguments): ArgumentRefusal | undefined {
  const kinds = (['contents', 'contents_pillar', 'contents_grains'] as const).filter(
    (name) => args[name] !== undefined,
  )
  const [first, second] = kinds
  if (first && second) return { argument: second, reason: `only one of ${kinds.join(', ')} is permitted` }
  if (first && args.source) return { argument: 'source', reason: `it cannot be used together with ${first}` }
  if (!args.verify_ssl)
    return {
      argument: 'verify_ssl',
      reason: 'servers are always verified; give the minion the certificate of a CA of your own',
    }
  if (args.mode === 'keep' && !args.source) return { argument: 'mode', reason: 'keep needs a source' }
  return undefined
}

async function check(args: ManagedArguments, look: Reader, run: StateRun): Promise<Decision> {
  const target = await findTarget(args, look)
  const obstacle = obstacleAt(args.name, target.info)
  if (obstacle !== undefined) return failed(obstacle)
  if (!target.info && !args.create)
    return inSync(`File ${args.name} is not present and is not set for creation`)
  const complaint = await missingAccounts(args, look, run)
  if (complaint !== undefined) return failed(complaint)
  const keepsContent = target.info !== undefined && !args.replace
  const desired: Desired =
    keepsContent && args.mode !== 'keep' ? { kind: 'any' } : await desiredContent(args, target, look, run)
  if (desired.kind === 'failed') return failed(desired.comment)
  if (desired.kind === 'unknown') return unknown(desired.reason)
  return decide(args, target, desired, keepsContent, look, run)
}

async function decide(
  args: ManagedArguments,
  target: Resolved,
  desired: Extract<Desired, { kind: 'any' | 'content' }>,
  keepsContent: boolean,
  look: Reader,
  run: StateRun,
): Promise<Decision> {
  const sourceMode = desired.kind === 'content' ? desired.sourceMode : undefined
  const mode = args.mode === 'keep' ? sourceMode : args.mode
  const attributes = { user: args.user, group: args.group, mode }
  const plan = await planFile(
    {
      path: target.path,
      info: target.info,
      content: keepsContent || desired.kind === 'any' ? undefined : desired.content,
      attributes,
      showChanges: args.show_diff ?? args.show_changes,
      checkCommand: args.check_cmd,
      checkCopy:
        args.tmp_dir === undefined && (args.tmp_ext ?? '') === ''
          ? undefined
          : { folder: args.tmp_dir, ending: args.tmp_ext },
      backupTo: backupFolder(args.backup, run),
    },
    look,
  )
  const flags =
    args.attrs === undefined
      ? undefined
      : await planFlags(target.path, args.attrs, target.info !== undefined, look)
  if (typeof flags === 'string') return failed(flags, 'Install e2fsprogs, or leave "attrs" out.')
  if (!plan && !flags?.changes) return inSync(inSyncComment(args, desired.kind === 'any'))
  return (
    (await parentObstacle(args, target, look, run)) ??
    changeFile(args, target.path, { ...attributes, plan, flags })
  )
}

async function findTarget(args: ManagedArguments, look: Reader): Promise<Resolved> {
  if (args.follow_symlinks) return resolveLinks(args.name, look)
  const info = await look.files.info(args.name)
  return { path: args.name, info: info?.type === 'symlink' ? undefined : info }
}

function obstacleAt(name: string, info: FileInfo | undefined): string | undefined {
  if (!info || info.type === 'file') return undefined
  if (info.type === 'directory') return `Specified target ${name} is a directory`
  return `Specified target ${name} is a ${info.type}, not a file`
}

function inSyncComment(args: ManagedArguments, anyContent: boolean): string {
  if (args.replace && !anyContent) return `File ${args.name} is in the correct state`
  return `File ${args.name} exists with proper permissions. No changes made.`
}

async function parentObstacle(
  args: ManagedArguments,
  target: Resolved,
  look: Reader,
  run: StateRun,
): Promise<Decision | undefined> {
  if (target.info) return undefined
  const blocking = await blockingParent(target.path, look)
  if (blocking !== undefined) return failed(`${blocking} is not a directory, so ${args.name} cannot be made`)
  if (args.makedirs) return undefined
  const parent = await parentState(target.path, look, run)
  if (parent === 'uncertain')
    return unknown(`the directory of ${args.name} does not exist yet; an earlier state may make it`)
  return parent === 'missing' ? failed('Parent directory not present', parentHint(target.path)) : undefined
}

function changeFile(
  args: ManagedArguments,
  path: string,
  wanted: {
    user?: string | number | undefined
    group?: string | number | undefined
    mode?: number | undefined
    plan: FilePlan | undefined
    flags: FlagPlan | undefined
  },
): Decision {
  return drift(
    { ...wanted.plan?.changes, ...wanted.flags?.changes },
    { would: `The file ${args.name} is set to be changed`, done: `File ${args.name} updated` },
    async (act) => {
      if (args.makedirs) await makeParents(path, wanted, args.dir_mode, act)
      const locked = await wanted.flags?.before(wanted.plan !== undefined, act)
      if (locked) return locked
      await wanted.plan?.apply(act)
      return wanted.flags?.after(act)
    },
  )
}
