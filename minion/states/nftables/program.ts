/** Calls of nft: what a table or chain holds now, and how it is put back. */
import type { UndoStep } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, failed, type StateRun } from '../contract.ts'
import { requireProgram } from '../required-program.ts'
import { saidBy } from '../said-by.ts'
import type { Place } from './arguments.ts'

/** nft joins its words to one text, so the whole text is one word and nothing in it can be an option. */
export const nft = (text: string): string[] => ['nft', text]

export const requireNft = (look: Reader, run: StateRun): Promise<Decision | undefined> =>
  requireProgram({ program: 'nft', package: 'nftables' }, look, run)

/** A text as nft prints it, without counters; undefined: there is no such thing. */
export type Listed = { readonly text: string } | undefined

async function list(what: string, look: Reader): Promise<Listed | Decision> {
  const result = await look.commands.query(['nft', '--stateless', `list ${what}`])
  if (result.code === 0) return { text: result.stdout }
  if (/No such file or directory|does not exist/.test(result.stderr)) return undefined
  const hint = /syntax error/.test(result.stderr)
    ? 'A word of the language of nft cannot be a name: choose another.'
    : 'Does the minion run as root?'
  return failed(`nft does not list the ${what}: ${saidBy(result)}`, hint)
}

export const listTable = ({ family, table }: Place, look: Reader): Promise<Listed | Decision> =>
  list(`table ${family} ${table}`, look)

export const listChain = (
  { family, table }: Place,
  chain: string,
  look: Reader,
): Promise<Listed | Decision> => list(`chain ${family} ${table} ${chain}`, look)

export const isDecision = (found: Listed | Decision): found is Decision =>
  found !== undefined && 'kind' in found

/** The rules of a chain as nft lists it, in order. */
export function rulesIn(listed: string): string[] {
  const lines = listed.split('\n')
  const from = lines.findIndex((line) => /^\s*chain \S+ \{/.test(line))
  return lines
    .slice(from + 1)
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '}' && !/^type \S+ hook /.test(line) && !/^policy /.test(line))
}

/** Puts a chain back as it was listed. */
export const restoringChain = ({ family, table }: Place, chain: string, before: string): UndoStep => ({
  argv: ['nft', '-f', '-'],
  stdin: `add table ${family} ${table}\nadd chain ${family} ${table} ${chain}\nflush chain ${family} ${table} ${chain}\n${before}`,
})
