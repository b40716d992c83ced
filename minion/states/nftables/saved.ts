/** The file that all rules are written to on request. */
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import type { Applied } from '../contract.ts'
import { saidBy } from '../said-by.ts'
import { readTextFile, writeTextFile } from '../text-file.ts'
import type { Place } from './arguments.ts'

/** Where Salt writes them. */
const saltsFile = '/etc/nftables/salt-all-in-one.nft'

export const savedFile = (save: boolean | string): string | undefined =>
  save === false ? undefined : save === true ? saltsFile : save

/** The chain as the file has it; undefined: it has none. */
export async function savedChain(
  path: string,
  { family, table }: Place,
  chain: string,
  look: Reader,
): Promise<string | undefined> {
  const file = await readTextFile(path, look)
  if (file.kind !== 'text') return undefined
  const whole =
    new RegExp(`^table ${family} ${escaped(table)} \\{[\\s\\S]*?^\\}`, 'm').exec(file.text)?.[0] ?? ''
  return new RegExp(`^\\tchain ${escaped(chain)} \\{[\\s\\S]*?^\\t\\}`, 'm').exec(whole)?.[0]
}

const escaped = (name: string): string => name.replace(/[.]/g, '\\.')

/** The file makes each table new, so it may be loaded again and again. */
export async function saveRules(path: string, act: Changer): Promise<Applied | undefined> {
  const result = await act.look.commands.query(['nft', '--stateless', 'list ruleset'])
  if (result.code !== 0)
    return { ok: false, comment: `The rules cannot be read to save them: ${saidBy(result)}` }
  const names = [...result.stdout.matchAll(/^table (\S+ \S+) \{/gm)].map((match) => match[1])
  const fresh = names.map((name) => `table ${name}\ndelete table ${name}\n`).join('')
  const file = await readTextFile(path, act.look)
  if (file.kind !== 'text') return { ok: false, comment: file.comment }
  await writeTextFile(file, `#!/usr/sbin/nft -f\n\n${fresh}\n${result.stdout}`, act, { mode: 0o600 })
  return undefined
}
