/**
 * `npm run oracle -- ANSWERS.json.gz ROOT_DIR…`: compiles every SLS of a public tree as Salt did and compares.
 * How to bring a tree, and what the words mean: docs/oracle.md.
 */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { readAnswers, type SlsAnswer } from './answers.ts'
import { findRoots } from './find-roots.ts'
import { firstOf, judge, type Verdict } from './judge.ts'
import { MountedFiles } from './mounted-files.ts'

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

const tree = new MountedFiles(roots)
const verdicts = new Map<string, Verdict>()
for (const [name, answer] of answers.sls) {
  verdicts.set(name, await judge({ answers, tree }, name, answer))
}

report(verdicts)

function report(all: ReadonlyMap<string, Verdict>): void {
  for (const [name, verdict] of all) {
    const line = lineOf(verdict, answers.sls.get(name) as SlsAnswer)
    if (line !== undefined) console.log(`${name} (${answers.sls.get(name)?.file}): ${line}`)
  }
  const count = (kind: Verdict['kind']): number => [...all.values()].filter((one) => one.kind === kind).length
  const equal = count('equal') + count('refused-alike')
  const apart = count('impure') + count('python')
  const comparable = all.size - apart
  console.log(`equal: ${count('equal')}`)
  console.log(`oracle: ${equal} of ${comparable}`)
}

function lineOf(verdict: Verdict, answer: SlsAnswer): string | undefined {
  switch (verdict.kind) {
    case 'different':
      return `different: ${verdict.difference}`
    case 'refused-by-us':
      return `refused by us alone: ${firstOf(verdict.errors)}`
    case 'refused-otherwise':
      return `refused otherwise: ours ${firstOf(verdict.errors)}; Salt's ${answer.errorKind}: ${answer.summary}`
    case 'refused-by-salt':
      return `refused by Salt alone: ${answer.errorKind}: ${answer.summary}`
    default:
      return undefined
  }
}
