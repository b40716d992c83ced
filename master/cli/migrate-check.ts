/** `tsalt migrate check`: what of a Salt tree runs in tsalt as it stands. Needs no master and changes nothing. */
import { relative } from 'node:path'
import { Option } from 'commander'
import { isDict, toValue, type Value } from '../../shared/data/value.ts'
import { formatValue } from '../../shared/output/format.ts'
import { paintOf } from '../../shared/output/paint.ts'
import { type Check, checkTree } from '../migrate/check.ts'
import { Findings, groups } from '../migrate/finding.ts'
import type { Roots } from '../migrate/local-tree.ts'
import { defaultId, type OpenTrees, openTrees, type TreeOptions } from '../migrate/open-trees.ts'
import { groupLines, type ReportStyle, summaryLines } from '../migrate/report-text.ts'
import { addOutputOptions, newCommand, type OutputOptions, parseWords } from './command-line.ts'
import { type Console, speaksUnicode, wantsColor } from './console.ts'
import { openOutput } from './output-file.ts'

type CheckOptions = OutputOptions & TreeOptions & { readonly all: boolean }

/** @returns 0 where everything compiles and nothing is missing, else 1 */
export async function runMigrateCheck(words: readonly string[], console: Console): Promise<number> {
  const command = newCommand(
    'tsalt migrate check',
    '[options] FOLDER...',
    'Walks Salt trees (states, pillars, formulas: their roots are found) and lists what tsalt does not have, what ' +
      'does not compile and what behaves differently. It compiles every SLS for one minion, asks no machine and ' +
      'changes nothing. Exit code 1 where something is to be mended.',
    console,
  )
  addTreeOptions(command.argument('[folder...]', 'folders of the tree'))
  addOutputOptions(command).option('--all', 'every place of every finding', false)
  parseWords(command, words)
  const options = command.opts<CheckOptions>()
  const checked = await checkFolders(command.args, options)
  const color = wantsColor(console, options)
  const output = openOutput(console, options)
  if (options.out !== undefined && options.out !== 'nested' && options.out !== 'highstate') {
    const form = { out: options.out, stateForm: 'short', stateVerbose: true, color } as const
    const indent = options.outIndent === undefined ? {} : { indent: options.outIndent }
    const unicode = speaksUnicode(console.env)
    output.write(formatValue(dataOf(checked), { ...form, ...indent, unicode }))
  } else output.write(textOf(checked, options, styleOf(console, options, color)))
  output.close()
  const isMended = checked.check.findings.every(({ group }) => groups[group].weight !== 'mend')
  return isMended && checked.check.sls.every(({ status }) => status !== 'program') ? 0 : 1
}

export function addTreeOptions(command: ReturnType<typeof newCommand>): void {
  const collect = (value: string, known: readonly string[] = []): string[] => [...known, value]
  command
    .optionsGroup('Minion:')
    .option(
      '--grains <file>',
      'its grains, in YAML or JSON (salt-call grains.items --out=json); else a Debian 12',
    )
    .option(
      '--pillar <file>',
      'its pillar, in YAML or JSON (salt-call pillar.items --out=json); else compiled',
    )
    .option('--id <id>', `its id, for top files; else that of the grains, or ${defaultId}`)
    .optionsGroup('Tree:')
    .option('--salt-config <file>', 'roots, nodegroups and merging from the configuration of a Salt master')
    .addOption(
      new Option('--file-root <folder>', 'root of states, or ENV=FOLDER; may be repeated').argParser(collect),
    )
    .addOption(new Option('--pillar-root <folder>', 'root of pillars, or ENV=FOLDER').argParser(collect))
}

interface Checked extends OpenTrees {
  readonly check: Check
}

async function checkFolders(folders: readonly string[], options: CheckOptions): Promise<Checked> {
  const found = new Findings()
  const trees = await openTrees(folders, options, found)
  const check = await checkTree({ ...trees, pillar: trees.pillar.pillar }, found)
  return { ...trees, check }
}

function styleOf(console: Console, options: CheckOptions, color: boolean): ReportStyle {
  const columns = console.outIsTerminal ? Math.min(120, console.size().columns) : 100
  return { paint: paintOf(color), columns, all: options.all, path: shortPath }
}

function shortPath(file: string): string {
  const short = relative(process.cwd(), file)
  return short === '' ? '.' : short.startsWith('../..') ? file : short
}

function textOf(checked: Checked, options: CheckOptions, style: ReportStyle): string {
  const { layout, id, check, pillar, pillarFrom } = checked
  const roots = (one: Roots): string =>
    Object.entries(one)
      .map(([name, folders]) => `${folders.map(shortPath).join(', ')} (${name})`)
      .join('; ')
  const pillarWords: Record<string, string> = {
    compiled: `${roots(layout.pillars)}: ${pillar.rendered} of ${pillar.files} files render`,
    none: 'none (give one with --pillar FILE)',
    'pillar.example': `none; ${layout.examples.map(shortPath).join(', ')} stands in`,
  }
  const head = [
    `States  ${roots(layout.states)}`,
    `Pillar  ${pillarWords[pillarFrom] ?? pillarFrom}`,
    `Minion  ${id}, ${options.grains === undefined ? 'with grains of a Debian 12 (--grains FILE for one of yours)' : options.grains}`,
    '',
  ]
  const lines = [
    ...head,
    ...summaryLines(check, style),
    ...groupLines(check.findings, style),
    ...ending(check),
  ]
  return `${lines.join('\n')}\n`
}

function ending({ findings, sls }: Check): string[] {
  if (sls.length === 0) return ['', 'There is no SLS file here.']
  return findings.some(({ group }) => groups[group].weight === 'mend')
    ? []
    : ['', 'Nothing is to be mended. Next: tsalt migrate compare, and a dry run.']
}

function dataOf({ layout, id, check, pillar, pillarFrom }: Checked): Value {
  const data = toValue({
    id,
    states: layout.states,
    pillars: layout.pillars,
    pillar: { from: pillarFrom, files: pillar.files, rendered: pillar.rendered },
    sls: check.sls.map((one) => ({ ...one })),
    compiled: check.sls.filter(({ status }) => status === 'compiles').length,
    templates: check.templates,
    highstate: check.highstate === undefined ? null : { ...check.highstate },
    findings: check.findings.map(({ group, subject, message, hint, place }) => ({
      ...{ group, weight: groups[group].weight, subject, message, hint: hint ?? null },
      ...{ file: place?.file ?? null, line: place?.line ?? null, column: place?.column ?? null },
    })),
  })
  return isDict(data) ? data : new Map()
}
