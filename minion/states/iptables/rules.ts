/** iptables.append, insert and delete: rules in chains. */
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
import { saidBy } from '../said-by.ts'
import { runSteps } from '../steps.ts'
import { checkedRules, refuseRules, ruleArgs, type WantedRule } from './arguments.ts'
import {
  command,
  isTable,
  requireIptables,
  restoring,
  shownRule,
  type TableNow,
  tableNow,
} from './program.ts'
import { isSaved, savedFile, saveRules } from './saved.ts'

type Verb = 'append' | 'insert' | 'delete'

/** What one rule needs; nothing: it is as it should be. */
interface Finding {
  readonly rule: WantedRule
  readonly shown: string
  readonly change: boolean
  /** The file that it is to be saved in and is not. */
  readonly file: string | undefined
  readonly before: TableNow
}

async function find(verb: Verb, rule: WantedRule, look: Reader, run: StateRun): Promise<Finding | Decision> {
  const before = await tableNow(rule, look)
  if (!isTable(before)) return before
  const { family, table, chain, words } = rule
  const result = await look.commands.query(command(family, table, '-C', chain, ...words))
  const isWrong = result.code > 1 && !mayComeYet(run)
  // A chain or target that is gone has no such rule.
  if (isWrong && verb !== 'delete')
    return failed(
      `iptables refuses the rule ${rule.name}: ${saidBy(result)}`,
      'Correct its arguments; a chain that it names comes from iptables.chain_present, and is required.',
    )
  const isThere = result.code === 0
  const change = verb === 'delete' ? isThere : !isThere
  const shown = shownRule(command(family, table, ...commandWords(verb, rule)))
  const file = savedFile(rule.save, family, look)
  if (typeof file === 'object') return file
  const stale = file !== undefined && (change || !(await isSaved(file, rule, before, look)))
  return { rule, shown, change, file: stale ? file : undefined, before }
}

/** In a dry run the chain or the set that a rule needs may be made by an earlier state. */
const mayComeYet = (run: StateRun): boolean =>
  run.test && run.predicted.some(({ state }) => state === 'iptables' || state === 'ipset' || state === 'cmd')

function commandWords(verb: Verb, { chain, position, words }: WantedRule): string[] {
  if (verb === 'append' || (verb === 'insert' && position === 'last')) return ['-A', chain, ...words]
  if (verb === 'delete') return ['-D', chain, ...words]
  return ['-I', chain, String(position), ...words]
}

/** Salt counts a negative position from the end, -1 is before the last rule. */
function placed(rule: WantedRule, before: TableNow): WantedRule {
  const { position, chain } = rule
  if (typeof position !== 'number' || position > 0) return rule
  return { ...rule, position: Math.max(1, (before.rules.get(chain)?.length ?? 0) + position + 1) }
}

async function check(
  verb: Verb,
  rules: readonly WantedRule[],
  look: Reader,
  run: StateRun,
): Promise<Decision> {
  for (const family of new Set(rules.map((rule) => rule.family))) {
    const lacking = await requireIptables(family, look, run)
    if (lacking) return lacking
  }
  const findings: Finding[] = []
  for (const rule of rules) {
    const found = await find(verb, rule, look, run)
    if (!('rule' in found)) return found
    findings.push(found)
  }
  const open = findings.filter(({ change, file }) => change || file !== undefined)
  const said = (words: (one: Finding) => string): string => findings.map(words).join('\n')
  if (open.length === 0) return inSync(said((one) => already(verb, one)))
  const names = open.map(({ rule }) => rule.name)
  const changes = { locale: rules.length > 1 ? names : (names[0] ?? '') }
  const comments = {
    would: said((one) => (open.includes(one) ? would(verb, one) : already(verb, one))),
    done: said((one) => (open.includes(one) ? done(verb, one) : already(verb, one))),
  }
  return drift(changes, comments, (act) => apply(verb, open, act))
}

async function apply(verb: Verb, open: readonly Finding[], act: Changer): Promise<Applied | undefined> {
  for (const { rule, change } of open) {
    if (!change) continue
    const { family, table, chain, words } = rule
    const before = await tableNow(rule, act.look)
    if (!isTable(before)) return { ok: false, comment: 'comment' in before ? before.comment : '' }
    const argv = command(family, table, ...commandWords(verb, placed(rule, before)))
    const undo =
      verb === 'delete' ? restoring(rule, before) : { argv: command(family, table, '-D', chain, ...words) }
    const trouble = `Failed to ${verb === 'delete' ? 'delete' : 'set'} iptables rule for ${rule.name}.\nAttempted rule was ${shownRule(argv)}`
    const failure = await runSteps([{ argv, undo: [undo] }], act, trouble)
    if (failure) return failure
  }
  for (const { file, rule } of lastOfEachFile(open)) {
    const failure = file === undefined ? undefined : await saveRules(file, rule.family, act)
    if (failure) return failure
  }
  return undefined
}

const lastOfEachFile = (open: readonly Finding[]): Finding[] => [
  ...new Map(open.map((one) => [`${one.rule.family} ${one.file}`, one])).values(),
]

function already(verb: Verb, { rule, shown }: Finding): string {
  if (verb === 'delete') return `iptables rule for ${rule.name} already absent for ${rule.family} (${shown})`
  return `iptables rule for ${rule.name} already set (${shown}) for ${rule.family}`
}

function would(verb: Verb, { rule, shown, change }: Finding): string {
  if (!change) return `iptables rule for ${rule.name} needs to be saved (${shown}) for ${rule.family}`
  return verb === 'delete'
    ? `iptables rule for ${rule.name} needs to be deleted for ${rule.family} (${shown})`
    : `iptables rule for ${rule.name} needs to be set (${shown}) for ${rule.family}`
}

function done(verb: Verb, { rule, shown, change, file }: Finding): string {
  if (!change) return `Saved iptables rule for ${rule.name}: ${shown} for ${rule.family}`
  const saved = file === undefined ? '' : ' and saved'
  return verb === 'delete'
    ? `Delete${saved === '' ? '' : `d${saved}`} iptables rule for ${rule.name} ${shown}`
    : `Set${saved} iptables rule for ${rule.name} to: ${shown} for ${rule.family}`
}

const ruleFunction = (verb: Verb, summary: string, examples: readonly string[]): StateFunction =>
  stateFunction({
    summary,
    args: ruleArgs,
    restArguments: 'options',
    examples,
    refuse: (wanted) => {
      const refusal = refuseRules(wanted)
      if (refusal) return refusal
      const unplaced =
        verb === 'insert' && checkedRules(wanted).some(({ position }) => position === undefined)
      return unplaced
        ? { argument: 'position', reason: 'insert needs it; append puts a rule at the end' }
        : undefined
    },
    check: (wanted, look, run) => check(verb, checkedRules(wanted), look, run),
  })

export const append = ruleFunction('append', 'Makes sure that a chain has a rule; it is put at the end.', [
  'web:\n  iptables.append:\n    - table: filter\n    - chain: INPUT\n    - jump: ACCEPT\n    - match: conntrack\n    - ctstate: NEW\n    - dport: 80\n    - proto: tcp\n    - save: True\n',
])
export const insert = ruleFunction(
  'insert',
  'Makes sure that a chain has a rule; it is put where `position` says.',
  [
    'ssh:\n  iptables.insert:\n    - position: 1\n    - chain: INPUT\n    - jump: ACCEPT\n    - proto: tcp\n    - dport: 22\n',
  ],
)
export const deleteRule = ruleFunction('delete', 'Makes sure that a chain does not have a rule.', [
  'web:\n  iptables.delete:\n    - chain: INPUT\n    - jump: ACCEPT\n    - proto: tcp\n    - dport: 80\n',
])
