/** `tsalt migrate compare`: what Salt made of a tree beside what tsalt makes of it, state by state. */
import { decodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, isDict, isList, toValue, type Value } from '../../shared/data/value.ts'
import { describeError, TsaltError } from '../../shared/errors/error.ts'
import { formatValue } from '../../shared/output/format.ts'
import { paintOf } from '../../shared/output/paint.ts'
import { harmless } from '../../shared/output/terminal-text.ts'
import { compileStates } from '../../shared/sls/compile.ts'
import { AssumedCalls } from '../migrate/assumed-calls.ts'
import { compareLow, type LowComparison } from '../migrate/compare-low.ts'
import { comparisonText, isEqual } from '../migrate/compare-text.ts'
import { Findings } from '../migrate/finding.ts'
import { openTrees, type TreeOptions } from '../migrate/open-trees.ts'
import { readSaltLow } from '../migrate/salt-low-file.ts'
import { notingCatalog } from '../migrate/state-catalog.ts'
import { addOutputOptions, newCommand, type OutputOptions, parseWords } from './command-line.ts'
import { type Console, speaksUnicode, wantsColor } from './console.ts'
import { followJob } from './follow-job.ts'
import type { MasterClient } from './master-client.ts'
import { addTreeOptions } from './migrate-check.ts'
import { addReachOptions, type ReachOptions } from './network-options.ts'
import { withMaster } from './open-master.ts'
import { openOutput } from './output-file.ts'

/** Shown of what keeps a tree from running. */
const mostErrors = 5

interface CompareOptions extends OutputOptions, TreeOptions, ReachOptions {
  readonly minion?: string
  readonly localTree?: readonly string[]
  readonly sls?: string
  readonly all: boolean
}

/** @returns 0 where they are the same, else 1 */
export async function runMigrateCompare(words: readonly string[], console: Console): Promise<number> {
  const command = newCommand(
    'tsalt migrate compare',
    '[options] LOW.json',
    'Compares what Salt made of a tree with what tsalt makes of it. LOW.json is what Salt printed: ' +
      'salt-call state.show_lowstate --out=json > LOW.json, or salt ID state.show_lowstate --out=json. ' +
      'The minion of the same id is asked through the master; with --local-tree no master is needed. ' +
      'Exit code 1 where anything differs.',
    console,
  )
    .argument('<low>', 'file of low data, or - for standard input')
    .option('--minion <id>', 'the minion; else the one that LOW.json names')
    .option('--sls <names>', 'LOW.json is of state.show_low_sls with these SLS (by comma)')
    .option('--local-tree <folder...>', 'compile this tree here, instead of asking the minion')
    .option('--all', 'every difference', false)
  addTreeOptions(command)
  addOutputOptions(command)
  addReachOptions(command)
  parseWords(command, words)
  const options = command.opts<CompareOptions>()
  const [file = ''] = command.args
  const salt = readSaltLow(file, options.minion)
  const own =
    options.localTree === undefined
      ? await askMinion(options.minion ?? salt.id, options, console)
      : await compileHere(options.localTree, options, salt.id)
  const found = compareLow(salt.chunks, own.chunks)
  const color = wantsColor(console, options)
  const output = openOutput(console, options)
  if (options.out !== undefined && options.out !== 'nested' && options.out !== 'highstate') {
    const form = { out: options.out, stateForm: 'short', stateVerbose: true, color } as const
    output.write(formatValue(dataOf(found), { ...form, unicode: speaksUnicode(console.env) }))
  } else output.write(comparisonText(own.name, found, paintOf(color), options.all))
  output.close()
  for (const error of own.errors.slice(0, mostErrors)) console.err(`WARNING: ${harmless(error)}\n`)
  if (own.errors.length > mostErrors)
    console.err(`WARNING: ${own.errors.length - mostErrors} more; tsalt migrate check lists them\n`)
  return isEqual(found) ? 0 : 1
}

interface Own {
  readonly name: string
  readonly chunks: readonly Dict[]
  /** Why tsalt would refuse the run; there can be low data all the same. */
  readonly errors: readonly string[]
}

/** @throws TsaltError of the compiler, where the tree is refused before there is low data */
async function compileHere(
  folders: readonly string[],
  options: CompareOptions,
  id: string | undefined,
): Promise<Own> {
  const found = new Findings()
  const named = id === undefined ? {} : { id }
  const trees = await openTrees(folders, { ...named, ...withoutUndefined(options) }, found)
  const compiled = await compileStates({
    tree: trees.tree,
    settings: trees.settings,
    subject: {
      id: trees.id,
      grains: trees.grains,
      pillar: trees.pillar.pillar,
      opts: new Map<string, Value>([['id', trees.id]]),
    },
    catalog: notingCatalog(found, new Set()),
    host: { functions: new AssumedCalls([]) },
    ...(options.sls === undefined ? {} : { sls: options.sls.split(',') }),
  })
  const chunks = compiled.low()
  const [first] = compiled.errors
  if (chunks.length === 0 && first !== undefined) throw first
  return { name: trees.id, chunks, errors: compiled.errors.map(describeError) }
}

function withoutUndefined(options: TreeOptions): TreeOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

/** @throws TsaltError `migrate-minion-silent` */
async function askMinion(id: string | undefined, options: CompareOptions, console: Console): Promise<Own> {
  if (id === undefined)
    throw new TsaltError(
      'usage-wrong',
      { reason: 'salt-call does not write the id of the minion into LOW.json' },
      { hint: 'Name it with --minion ID, or compile a tree here with --local-tree FOLDER.' },
    )
  return withMaster(options, console, (client) => lowOf(client, id, options, console))
}

async function lowOf(
  client: MasterClient,
  id: string,
  options: CompareOptions,
  console: Console,
): Promise<Own> {
  const { jid } = await client.submit({
    target: { kind: 'list', expression: id },
    fun: options.sls === undefined ? 'state.show_lowstate' : 'state.show_low_sls',
    args: options.sls === undefined ? [] : [options.sls],
    kwargs: {},
  })
  let answer: { readonly ret: Json; readonly retcode: number } | undefined
  const watcher = {
    opened: () => undefined,
    returned: (target: { return?: { ret: Json; retcode: number } | undefined }) => {
      answer = target.return
    },
    progressed: () => undefined,
    away: () => undefined,
  }
  await followJob(client, jid, console, watcher, { silence: () => 30, accepted: true })
  if (answer === undefined) throw new TsaltError('migrate-minion-silent', { id, jid })
  const value = decodeValue(answer.ret)
  if (!isList(value) || !value.every(isDict))
    throw new TsaltError('migrate-minion-refused', { id, reason: reasonOf(value) })
  return { name: id, chunks: value.filter(isDict), errors: [] }
}

function reasonOf(value: Value): string {
  const lines = isList(value) ? value : [value]
  return lines.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n')
}

function dataOf(found: LowComparison): Value {
  const shown = (one: LowComparison['different'][number]) => ({
    state: one.tag,
    sls: one.sls,
    ...(one.path === '' ? {} : { path: one.path, salt: one.salt ?? null, tsalt: one.tsalt ?? null }),
  })
  return toValue({
    salt: found.salt,
    tsalt: found.tsalt,
    equal: found.equal,
    hidden: found.hidden,
    different: found.different.map(shown),
    only_salt: found.onlySalt.map(shown),
    only_tsalt: found.onlyTsalt.map(shown),
    moved: found.moved === undefined ? null : { ...found.moved },
  })
}
