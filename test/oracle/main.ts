/**
 * `npm run oracle -- ANSWERS.json.gz ROOT_DIR…`: compiles every SLS of a public tree as Salt did and compares.
 * How to bring a tree, and what the words mean: docs/oracle.md.
 */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { optsOf } from '../../minion/services/run-settings.ts'
import { loadOptions } from '../../shared/config/load.ts'
import { minionOptions } from '../../shared/config/minion-options.ts'
import { type Answers, readAnswers } from './answers.ts'
import { bareMachine } from './bare-machine.ts'
import { findRoots } from './find-roots.ts'
import { judge, type Minion, type Verdict } from './judge.ts'
import { judgeTemplate, type TemplateVerdict } from './judge-template.ts'
import { MountedFiles } from './mounted-files.ts'
import { compareRuns } from './pretended-run.ts'
import { report } from './report.ts'

const [path, ...folders] = process.argv.slice(2)
if (path === undefined || folders.length === 0) {
  console.error('usage: npm run oracle -- ANSWERS.json.gz ROOT_DIR…')
  process.exit(64)
}
for (const folder of folders)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) console.log(`no such folder: ${folder}`)

const answers = readAnswers(path)
const { roots, missing } = findRoots(
  answers,
  folders.map((folder) => resolve(folder)),
)
console.log(`${answers.tree} ${answers.commit.slice(0, 12)} on ${answers.os}, ${answers.sls.size} SLS`)
for (const root of missing) console.log(`missing root: ${root}`)
if (Object.values(roots).every((mounts) => mounts.length === 0)) {
  console.error('none of the folders is a root of this tree or a clone of it')
  process.exit(1)
}

const { id, grains, pillar } = answers
const [tree, opts] = [new MountedFiles(roots), minionOpts(answers)]
const minion: Minion = { answers, tree, opts, host: bareMachine({ id, grains, pillar, opts, tree }) }
const verdicts = new Map<string, Verdict>()
const runs = new Map<string, string | undefined>()
for (const [name, answer] of answers.sls) {
  const verdict = await judge(minion, name, answer)
  verdicts.set(name, verdict)
  if (verdict.kind === 'equal' && verdict.refused.length === 0)
    runs.set(name, await compareRuns(verdict.compiled.chunks, answer))
}
const templates: TemplateVerdict[] = []
for (const answer of answers.templates) templates.push(await judgeTemplate(minion, answer))

for (const line of report({ answers, verdicts, runs, templates })) console.log(line)

/** A minion's options as they are without a configuration, and what the tree needs on top. */
function minionOpts({ id, opts }: Answers) {
  return new Map([...optsOf(loadOptions(minionOptions, undefined, {}), id, '/etc/tsalt'), ...opts])
}
