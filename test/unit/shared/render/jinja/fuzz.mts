/** By hand: `npx tsx fuzz.mts COUNT SEED` compares that many random templates and prints what differs, the shortest first. */
import { findDifferences } from './differential.ts'

const [count = '10000', seed = '1'] = process.argv.slice(2)
const batch = 2_000
let found = 0
for (let done = 0; done < Number(count); done += batch) {
  const differences = await findDifferences(Math.min(batch, Number(count) - done), Number(seed) + done)
  found += differences.length
  for (const one of differences.sort((a, b) => a.template.length - b.template.length).slice(0, 12))
    process.stdout.write(`${JSON.stringify(one.template)}\n   ${JSON.stringify(one.theirs)}\n   ${JSON.stringify(one.ours)}\n`)
}
process.stdout.write(`${found} of ${count} differ\n`)
