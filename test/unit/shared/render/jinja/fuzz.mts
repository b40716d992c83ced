/** Run by fuzz.mjs: compares COUNT random templates from SEED on and prints what differs, the shortest first. */
import { findDifferences, Oracle } from './differential.ts'

const chunk = 2_000

async function main(): Promise<void> {
  const [count = '10000', seed = '1'] = process.argv.slice(2)
  const oracle = new Oracle()
  let found = 0
  for (let done = 0; done < Number(count); done += chunk) {
    const size = Math.min(chunk, Number(count) - done)
    const differences = await findDifferences(oracle, size, Number(seed) + done)
    found += differences.length
    for (const { template, theirs, ours, options } of differences
      .sort((a, b) => a.template.length - b.template.length)
      .slice(0, 60))
      process.stdout.write(
        `${JSON.stringify(template)} ${JSON.stringify(options ?? {})}\n   ${JSON.stringify(theirs)}\n   ${JSON.stringify(ours)}\n`,
      )
    process.stdout.write(`seed ${Number(seed) + done}: ${found} of ${done + size} differ\n`)
  }
  oracle.close()
}

void main()
