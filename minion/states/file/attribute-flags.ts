/** `attrs` of file.managed: attributes of the file system (lsattr, chattr), such as immutable. */
import type { Plain } from '../../../shared/data/value.ts'
import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import type { Applied } from '../contract.ts'
import { saidBy } from '../said-by.ts'

/** Those that chattr sets; others (extents, encryption) are the file system's own. */
const settable = 'aAcCdDijmPsStTux'

export const attributeFlags = shaped<string>({
  words: 'letters of chattr',
  json: { type: 'string', pattern: `^[${settable}e]*$` },
  read(value) {
    const letters = readText(value)
    return letters !== undefined &&
      [...letters].every((letter) => settable.includes(letter) || letter === 'e')
      ? [...new Set(letters.replace('e', ''))].sort().join('')
      : new Mismatch(
          `letters of chattr (i: immutable, a: append only, …) are expected, not ${describeValue(value)}`,
        )
  },
})

export interface FlagPlan {
  /** Salt's words for it; undefined: nothing changes. */
  readonly changes: { readonly [key: string]: Plain } | undefined
  /** Before the file is touched: what keeps it from being written goes. */
  before(writes: boolean, act: Changer): Promise<Applied | undefined>
  after(act: Changer): Promise<Applied | undefined>
}

/** @param isThere false: the file is to be made. @returns what is wrong, as text */
export async function planFlags(
  path: string,
  wanted: string,
  isThere: boolean,
  look: Reader,
): Promise<FlagPlan | string> {
  const now = isThere ? await flagsOf(path, look) : ''
  if (now === undefined)
    return `the attributes of ${path} cannot be read: lsattr is missing, or its file system has none`
  const added = [...wanted].filter((flag) => !now.includes(flag)).join('')
  const removed = [...now].filter((flag) => !wanted.includes(flag)).join('')
  const locks = [...now].filter((flag) => flag === 'i' || flag === 'a').join('')
  const changes = added === '' && removed === '' ? undefined : { attrs: { old: now, new: wanted } }
  let unlocked = ''
  return {
    changes,
    async before(writes, act) {
      if (!writes || locks === '') return undefined
      unlocked = locks
      return chattr(`-${locks}`, `+${locks}`, path, act)
    },
    async after(act) {
      const isNow = [...now].filter((flag) => !unlocked.includes(flag))
      const on = [...wanted].filter((flag) => !isNow.includes(flag)).join('')
      const off = isNow.filter((flag) => !wanted.includes(flag)).join('')
      const failure = off === '' ? undefined : await chattr(`-${off}`, `+${off}`, path, act)
      return failure ?? (on === '' ? undefined : chattr(`+${on}`, `-${on}`, path, act))
    },
  }
}

async function flagsOf(path: string, look: Reader): Promise<string | undefined> {
  const { code, stdout } = await look.commands.query(['lsattr', '-d', '--', path])
  if (code !== 0) return undefined
  const letters = stdout.split(/\s/, 1)[0] ?? ''
  return [...letters]
    .filter((letter) => settable.includes(letter))
    .sort()
    .join('')
}

async function chattr(mode: string, back: string, path: string, act: Changer): Promise<Applied | undefined> {
  const { code, stderr } = await act.commands.run(['chattr', mode, '--', path], {
    undo: [{ argv: ['chattr', back, '--', path] }],
  })
  return code === 0
    ? undefined
    : { ok: false, comment: `chattr ${mode} ${path} failed: ${saidBy({ code, stderr })}` }
}
