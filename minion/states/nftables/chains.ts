/** nftables.table_*, chain_*, set_policy and flush. */
import * as v from 'valibot'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { choice, nonEmptyText, readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun, stateFunction } from '../contract.ts'
import { runSteps } from '../steps.ts'
import { family, identifier, type Place, save, table } from './arguments.ts'
import {
  isDecision,
  type Listed,
  listChain,
  listTable,
  nft,
  requireNft,
  restoringChain,
  rulesIn,
} from './program.ts'
import { savedChain, savedFile, saveRules } from './saved.ts'

const priority = shaped<string>({
  words: 'number or name',
  json: { type: ['integer', 'string'] },
  read(value) {
    const read = readText(value)
    return read !== undefined && /^(?:-?\d{1,6}|[a-z]+(?: [+-] \d{1,6})?)$/.test(read)
      ? read
      : new Mismatch(`a priority such as 0 is expected, not ${describeValue(value)}`)
  },
})

const chainArgs = v.strictObject({
  name: needed(identifier, 'The chain.'),
  table,
  family,
  table_type: optional(
    choice(['filter', 'nat', 'route']),
    'Of a chain that the kernel calls: what it is for.',
  ),
  hook: optional(
    choice(['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress', 'egress']),
    'Where the kernel calls it.',
  ),
  priority: optional(priority, 'In which order: `0`, `filter`.'),
})
type ChainArguments = v.InferOutput<typeof chainArgs>

async function chainNow(
  place: Place,
  chain: string,
  look: Reader,
  run: StateRun,
): Promise<Listed | Decision> {
  return (await requireNft(look, run)) ?? listChain(place, chain, look)
}

const textAfter = (wanted: ChainArguments): string =>
  wanted.hook === undefined
    ? ''
    : ` { type ${wanted.table_type} hook ${wanted.hook} priority ${wanted.priority} ; }`

export const chainPresent = stateFunction({
  summary: 'Makes sure that a chain exists.',
  args: chainArgs,
  examples: [
    'input:\n  nftables.chain_present:\n    - family: inet\n    - table: filter\n    - table_type: filter\n    - hook: input\n    - priority: 0\n',
  ],
  refuse: ({ table_type, hook, priority: order }) => {
    const given = [table_type, hook, order].filter((one) => one !== undefined).length
    return given === 0 || given === 3
      ? undefined
      : { argument: 'hook', reason: 'table_type, hook and priority belong together' }
  },
  async check(wanted, look, run) {
    const now = await chainNow(wanted, wanted.name, look, run)
    if (isDecision(now)) return now
    const { name, table: its, family: of } = wanted
    if (now) return inSync(`nftables ${name} chain is already exist in ${its} table for ${of}`)
    const comments = {
      would: `nftables chain ${name} would be created in table ${its} for family ${of}`,
      done: `nftables ${name} chain in ${its} table create success for ${of}`,
    }
    const step = {
      argv: nft(`add chain ${of} ${its} ${name}${textAfter(wanted)}`),
      undo: [{ argv: nft(`delete chain ${of} ${its} ${name}`) }],
    }
    return drift({ locale: name }, comments, (act) =>
      runSteps([step], act, `Failed to create ${name} chain in ${its} table for ${of}`),
    )
  },
})

export const chainAbsent = stateFunction({
  summary: 'Makes sure that a chain does not exist; its rules go with it.',
  args: v.strictObject({ name: needed(identifier, 'The chain.'), table, family }),
  examples: ['old:\n  nftables.chain_absent:\n    - family: inet\n'],
  async check(wanted, look, run) {
    const now = await chainNow(wanted, wanted.name, look, run)
    if (isDecision(now)) return now
    const { name, table: its, family: of } = wanted
    if (!now) return inSync(`nftables ${name} chain is already absent in ${its} table for ${of}`)
    const comments = {
      would: `nftables chain ${name} would be deleted from table ${its} for family ${of}`,
      done: `nftables ${name} chain in ${its} table delete success for ${of}`,
    }
    const steps = ['flush', 'delete'].map((verb) => ({
      argv: nft(`${verb} chain ${of} ${its} ${name}`),
      undo: [restoringChain(wanted, name, now.text)],
    }))
    return drift({ locale: name }, comments, (act) =>
      runSteps(steps, act, `Failed to delete ${name} chain in ${its} table for ${of}`),
    )
  },
})

const tableArgs = v.strictObject({ name: needed(identifier, 'The table.'), family })

export const tablePresent = stateFunction({
  summary: 'Makes sure that a table exists.',
  args: tableArgs,
  examples: ['filter:\n  nftables.table_present:\n    - family: inet\n'],
  async check({ name, family: of }, look, run) {
    const now = (await requireNft(look, run)) ?? (await listTable({ family: of, table: name }, look))
    if (isDecision(now)) return now
    if (now) return inSync(`nftables table ${name} already exists in family ${of}`)
    const comments = {
      would: `nftables table ${name} would be created in family ${of}`,
      done: `nftables table ${name} successfully created in family ${of}`,
    }
    const step = { argv: nft(`add table ${of} ${name}`), undo: [{ argv: nft(`delete table ${of} ${name}`) }] }
    return drift({ locale: name }, comments, (act) => runSteps([step], act, `Failed to create table ${name}`))
  },
})

export const tableAbsent = stateFunction({
  summary: 'Makes sure that a table does not exist; all that it holds goes with it.',
  args: tableArgs,
  examples: ['old:\n  nftables.table_absent: []\n'],
  async check({ name, family: of }, look, run) {
    const now = (await requireNft(look, run)) ?? (await listTable({ family: of, table: name }, look))
    if (isDecision(now)) return now
    if (!now) return inSync(`nftables table ${name} is already absent from family ${of}`)
    const comments = {
      would: `nftables table ${name} would be deleted from family ${of}`,
      done: `nftables table ${name} successfully deleted from family ${of}`,
    }
    const step = {
      argv: nft(`delete table ${of} ${name}`),
      undo: [{ argv: ['nft', '-f', '-'], stdin: now.text }],
    }
    return drift({ locale: name }, comments, (act) => runSteps([step], act, `Failed to delete table ${name}`))
  },
})

export const setPolicy = stateFunction({
  summary: 'Makes sure what becomes of packets that no rule of a chain matched.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'A name for it in the tree.'),
    table,
    chain: needed(identifier, 'A chain that the kernel calls.'),
    policy: needed(choice(['accept', 'drop']), 'What becomes of them.'),
    family,
    save,
  }),
  examples: ['closed:\n  nftables.set_policy:\n    - family: inet\n    - chain: input\n    - policy: drop\n'],
  async check(wanted, look, run) {
    const { chain, table: its, family: of, policy } = wanted
    const now = await chainNow(wanted, chain, look, run)
    if (isDecision(now)) return now
    const mayCome = !now && run.test && run.predicted.some(({ state }) => state === 'nftables')
    // A chain that is made has the policy accept.
    const current = mayCome ? 'accept' : /\bpolicy (accept|drop);/.exec(now?.text ?? '')?.[1]
    if (current === undefined)
      return failed(`${chain} in the table ${its} of ${of} is not a chain that the kernel calls`)
    const file = savedFile(wanted.save)
    const saved = file === undefined ? undefined : await savedChain(file, wanted, chain, look)
    const kept = file === undefined || saved?.includes(`policy ${policy};`) === true
    const of4 = `nftables default policy for chain ${chain} on table ${its} for ${of}`
    if (current === policy && kept) return inSync(`${of4} already set to ${policy}`)
    const comments = {
      would: `${of4} needs to be set to ${policy}`,
      done: `Set${file === undefined ? '' : ' and Saved'} default policy for ${chain} to ${policy} family ${of}`,
    }
    const line = (to: string): string[] => nft(`chain ${of} ${its} ${chain} { policy ${to} ; }`)
    const steps = [{ argv: line(policy), undo: [{ argv: line(current) }] }]
    return drift({ locale: wanted.name }, comments, async (act) => {
      const failure = await runSteps(
        current === policy ? [] : steps,
        act,
        'Failed to set nftables default policy',
      )
      return failure ?? (file === undefined ? undefined : saveRules(file, act))
    })
  },
})

export const flush = stateFunction({
  summary: 'Makes sure that a chain, or every chain of a table, has no rules.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'A name for it in the tree.'),
    table,
    chain: optional(identifier, 'Only this chain.'),
    family,
  }),
  examples: ['clean:\n  nftables.flush:\n    - table: filter\n    - chain: input\n'],
  async check(wanted, look, run) {
    const { chain, table: its, family: of } = wanted
    const lacking = await requireNft(look, run)
    if (lacking) return lacking
    const now = await (chain === undefined ? listTable(wanted, look) : listChain(wanted, chain, look))
    if (isDecision(now)) return now
    const what =
      chain === undefined ? `table ${its} in family ${of}` : `chain ${chain} in table ${its} in family ${of}`
    if (!now)
      return failed(`Failed to flush ${what}, ${chain === undefined ? 'table' : 'chain'} does not exist.`)
    const isEmpty = chains(now.text).every((one) => rulesIn(one).length === 0)
    if (isEmpty) return inSync(`${what} has no rules`)
    const target = chain === undefined ? `table ${of} ${its}` : `chain ${of} ${its} ${chain}`
    const step = {
      argv: nft(`flush ${target}`),
      undo: [{ argv: ['nft', '-f', '-'], stdin: `flush ${target}\n${now.text}` }],
    }
    return drift(
      { locale: wanted.name },
      {
        would: `nftables rules of ${what} would be flushed`,
        done: `Flush nftables rules in ${its} table ${chain ?? ''} chain ${of} family`,
      },
      (act) => runSteps([step], act, 'Failed to flush nftables rules'),
    )
  },
})

/** The chains of a listed table, each up to the brace at its own indentation. */
const chains = (listed: string): string[] => listed.match(/^\tchain \S+ \{[\s\S]*?^\t\}/gm) ?? []
