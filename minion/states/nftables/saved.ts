/** The file that all rules are written to on request. */
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import type { Applied } from '../contract.ts'
import { complaintOf } from '../steps.ts'
import { readTextFile, writeTextFile } from '../text-file.ts'

/** Where Salt writes them. */
const saltsFile = '/etc/nftables/salt-all-in-one.nft'

export const savedFile = (save: boolean | string): string | undefined =>
  save === false ? undefined : save === true ? saltsFile : save

/** Whether the file has the table just as the kernel has it. */
export async function isSaved(path: string, table: string, look: Reader): Promise<boolean> {
  const file = await readTextFile(path, look)
  return file.kind === 'text' && file.text.includes(table.trim())
}

/** The file makes each table new, so it may be loaded again and again. */
export async function saveRules(path: string, act: Changer): Promise<Applied | undefined> {
  const result = await act.look.commands.query(['nft', '--stateless', 'list ruleset'])
  if (result.code !== 0)
    return { ok: false, comment: `The rules cannot be read to save them: ${complaintOf(result)}` }
  const names = [...result.stdout.matchAll(/^table (\S+ \S+) \{/gm)].map((match) => match[1])
  const fresh = names.map((name) => `table ${name}\ndelete table ${name}\n`).join('')
  const file = await readTextFile(path, act.look)
  if (file.kind !== 'text') return { ok: false, comment: file.comment }
  await writeTextFile(file, `#!/usr/sbin/nft -f\n\n${fresh}\n${result.stdout}`, act, { mode: 0o600 })
  return undefined
}
