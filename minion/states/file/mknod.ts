/** file.mknod: a fifo or a device. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath, formatMode, mode } from '../../../shared/schema/paths.ts'
import { account, choice, whole } from '../../../shared/schema/scalars.ts'
import type { FileType, Reader } from '../../system/reader.ts'
import {
  type Applied,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  unknown,
} from '../contract.ts'
import { saidBy } from '../said-by.ts'
import { applyAttributes, attributeChanges, missingAccounts } from './attributes.ts'
import { parentHint, parentState } from './parents.ts'

const kinds = { b: 'block-device', c: 'character-device', p: 'fifo' } as const satisfies Record<
  string,
  FileType
>
const shown = { b: 'Block device', c: 'Character device', p: 'Fifo pipe' } as const

const args = v.strictObject({
  name: needed(absolutePath, 'The fifo or device.'),
  ntype: needed(choice(['b', 'c', 'p']), '`p` a fifo, `c` a character device, `b` a block device.'),
  major: defaulted(whole, 0, 'Major number of a device.'),
  minor: defaulted(whole, 0, 'Minor number of a device.'),
  user: optional(account, 'Owner.'),
  group: optional(account, 'Group.'),
  mode: defaulted(mode, '0600', 'Permissions.'),
})
type Arguments = v.InferOutput<typeof args>

export const mknod = stateFunction({
  summary: 'Makes sure that a fifo or a device is there.',
  args,
  examples: [
    "/run/app/control:\n  file.mknod:\n    - ntype: p\n    - user: app\n    - mode: '0660'\n",
    "/srv/chroot/dev/null:\n  file.mknod:\n    - ntype: c\n    - major: 1\n    - minor: 3\n    - mode: '0666'\n",
  ],
  check,
})

async function check(wanted: Arguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name, ntype } = wanted
  const complaint = await missingAccounts(wanted, look, run)
  if (complaint !== undefined) return failed(complaint)
  const info = await look.files.info(name)
  const what = shown[ntype]
  if (!info) return make(wanted, look, run)
  if (info.type !== kinds[ntype]) return failed(`${name} exists and is a ${info.type}, not a ${kinds[ntype]}`)
  if (ntype !== 'p') {
    const numbers = (await look.commands.query(['stat', '-c', '%t %T', '--', name])).stdout.trim()
    const [major = -1, minor = -1] = numbers.split(' ').map((digits) => Number.parseInt(digits, 16))
    if (major !== wanted.major || minor !== wanted.minor)
      return failed(
        `${name} exists with the numbers ${major}, ${minor} instead of ${wanted.major}, ${wanted.minor}`,
        'Remove it in an earlier state (file.absent).',
      )
  }
  const changes = attributeChanges(info, wanted)
  if (Object.keys(changes).length === 0) return inSync(`${what} ${name} is in the correct state`)
  return drift(
    changes,
    { would: `${what} ${name} is set to be changed`, done: `${what} ${name} updated` },
    (act) => applyAttributes(name, wanted, changes, act),
  )
}

async function make(wanted: Arguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name, ntype, major, minor } = wanted
  const parent = await parentState(name, look, run)
  if (parent === 'uncertain')
    return unknown(`the directory of ${name} does not exist yet; an earlier state may make it`)
  if (parent === 'missing') return failed('Parent directory not present', parentHint(name))
  const what = shown[ntype]
  return drift(
    { new: `${what} ${name} created.`, mode: formatMode(wanted.mode) },
    { would: `${what} ${name} is set to be created`, done: `${what} ${name} created` },
    async (act): Promise<Applied | undefined> => {
      const numbers = ntype === 'p' ? [] : [String(major), String(minor)]
      const argv = ['mknod', `--mode=${formatMode(wanted.mode)}`, '--', name, ntype, ...numbers]
      const { code, stderr } = await act.commands.run(argv, { undo: [{ argv: ['rm', '-f', '--', name] }] })
      if (code !== 0) return { ok: false, comment: `mknod ${name} failed: ${saidBy({ code, stderr })}` }
      const made = await act.look.files.info(name)
      const changes = made ? attributeChanges(made, wanted) : {}
      await applyAttributes(name, wanted, changes, act)
      return undefined
    },
  )
}
