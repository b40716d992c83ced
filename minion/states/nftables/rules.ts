/** nftables.append, insert and delete: rules in chains. */
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type Applied,
  type Decision,
  drift,
  failed,
  inSync,
  type StateFunction,
  type StateRun,
  stateFunction,
} from '../contract.ts'
import { runSteps } from '../steps.ts'
import { type RuleArguments, ruleArgs, statementOf } from './arguments.ts'
import { isDecision, listChain, nft, requireNft, restoringChain, rulesIn } from './program.ts'
import { savedChain, savedFile, saveRules } from './saved.ts'
import { canonical } from './statement.ts'

type Verb = 'append' | 'insert' | 'delete'

interface Found {
  readonly wanted: RuleArguments
  readonly statement: string
  readonly shown: string
  readonly isThere: boolean
}

async function check(verb: Verb, wanted: RuleArguments, look: Reader, run: StateRun): Promise<Decision> {
  const lacking = await requireNft(look, run)
  if (lacking) return lacking
  const statement = String(statementOf(wanted))
  const { name, family, table, chain } = wanted
  const listed = await listChain(wanted, chain, look)
  if (isDecision(listed)) return listed
  const shown = `nft ${verb === 'append' ? 'add' : verb} rule ${family} ${table} ${chain} ${statement}`
  if (!listed && verb !== 'delete' && !chainMayCome(run))
    return failed(
      `There is no chain ${chain} in the table ${table} of ${family}`,
      'Make it with nftables.table_present and nftables.chain_present, and require that.',
    )
  const isThere = listed !== undefined && indexIn(listed.text, statement) >= 0
  const found: Found = { wanted, statement, shown, isThere }
  const file = savedFile(wanted.save)
  if (isThere === (verb !== 'delete')) {
    const kept = file === undefined ? undefined : await savedChain(file, wanted, chain, look)
    const isKept = kept !== undefined && indexIn(kept, statement) >= 0
    if (file === undefined || isKept === isThere)
      return inSync(
        verb === 'delete'
          ? `nftables rule for ${name} already absent for ${family} (${shown})`
          : `nftables rule for ${name} already set (${shown}) for ${family}`,
      )
    return drift(
      { locale: name },
      { would: `nftables rule for ${name} needs to be saved`, done: `Saved nftables rule for ${name}` },
      (act) => saveRules(file, act),
    )
  }
  return drift({ locale: name }, comments(verb, found), async (act) => {
    const failure = await change(verb, found, act)
    return failure ?? (file === undefined ? undefined : saveRules(file, act))
  })
}

const chainMayCome = (run: StateRun): boolean =>
  run.test && run.predicted.some(({ state }) => ['nftables', 'cmd', 'service', 'file'].includes(state))

const indexIn = (listed: string, statement: string): number =>
  rulesIn(listed).findIndex((line) => canonical(line) === canonical(statement))

function comments(verb: Verb, { wanted, shown }: Found): { would: string; done: string } {
  const { name, family, save } = wanted
  const saved = save === false ? '' : ' and Saved'
  if (verb === 'delete')
    return {
      would: `nftables rule for ${name} needs to be deleted for ${family} (${shown})`,
      done: `Delete${saved === '' ? '' : `d${saved}`} nftables rule for ${name} ${shown}`,
    }
  return {
    would: `nftables rule for ${name} needs to be set (${shown}) for ${family}`,
    done: `Set${saved} nftables rule for ${name} to: ${shown} for ${family}`,
  }
}

async function change(
  verb: Verb,
  { wanted, statement, shown }: Found,
  act: Changer,
): Promise<Applied | undefined> {
  const { name, family, table, chain } = wanted
  const before = await listChain(wanted, chain, act.look)
  if (before === undefined || isDecision(before))
    return { ok: false, comment: `There is no chain ${chain} in the table ${table} of ${family}` }
  const undo = [restoringChain(wanted, chain, before.text)]
  const place = `${family} ${table} ${chain}`
  const trouble = `Failed to ${verb === 'delete' ? 'delete' : 'set'} nftables rule for ${name}.\nAttempted rule was ${shown}`
  if (verb === 'delete') {
    const handle = await handleOf(wanted, statement, act.look)
    return runSteps([{ argv: nft(`delete rule ${place} handle ${handle}`), undo }], act, trouble)
  }
  const count = rulesIn(before.text).length
  const index = Math.max(0, (wanted.position ?? 1) - 1)
  const head =
    verb === 'insert' && index < count ? `insert rule ${place} index ${index}` : `add rule ${place}`
  const failure = await runSteps([{ argv: nft(`${head} ${statement}`), undo }], act, trouble)
  return failure ?? seen(wanted, statement, undo, act)
}

/** A rule that nft writes in another way than we do would be added again at every run: it is taken out at once. */
async function seen(
  wanted: RuleArguments,
  statement: string,
  undo: readonly { readonly argv: readonly string[]; readonly stdin?: string }[],
  act: Changer,
): Promise<Applied | undefined> {
  const after = await listChain(wanted, wanted.chain, act.look)
  if (after && !isDecision(after) && indexIn(after.text, statement) >= 0) return undefined
  for (const { argv, ...options } of undo) await act.commands.run(argv, { ...options, undo: [] })
  return {
    ok: false,
    comment: `nft writes the rule ${wanted.name} in another way than it was asked for (${statement}), so the next run would not find it; it was not kept`,
  }
}

async function handleOf(
  { family, table, chain }: RuleArguments,
  statement: string,
  look: Reader,
): Promise<string> {
  const { stdout } = await look.commands.query([
    'nft',
    '--stateless',
    '--handle',
    `list chain ${family} ${table} ${chain}`,
  ])
  const line = rulesIn(stdout).find((one) => canonical(one) === canonical(statement))
  return /# handle (\d+)$/.exec(line ?? '')?.[1] ?? '0'
}

const ruleFunction = (verb: Verb, summary: string, example: string): StateFunction =>
  stateFunction({
    summary,
    args: ruleArgs,
    restArguments: 'parts',
    examples: [example],
    refuse: (wanted) => {
      const statement = statementOf(wanted)
      if (typeof statement !== 'string') return statement
      return statement === '' ? { argument: 'jump', reason: 'the rule says nothing' } : undefined
    },
    check: (wanted, look, run) => check(verb, wanted, look, run),
  })

export const append = ruleFunction(
  'append',
  'Makes sure that a chain has a rule; it is put at the end.',
  'web:\n  nftables.append:\n    - table: filter\n    - chain: input\n    - family: inet\n    - jump: accept\n    - connstate: new\n    - proto: tcp\n    - dport: 80\n    - save: True\n',
)
export const insert = ruleFunction(
  'insert',
  'Makes sure that a chain has a rule; it is put where `position` says.',
  'ssh:\n  nftables.insert:\n    - chain: input\n    - position: 1\n    - jump: accept\n    - proto: tcp\n    - dport: 22\n',
)
export const deleteRule = ruleFunction(
  'delete',
  'Makes sure that a chain does not have a rule.',
  'web:\n  nftables.delete:\n    - chain: input\n    - jump: accept\n    - proto: tcp\n    - dport: 80\n',
)
