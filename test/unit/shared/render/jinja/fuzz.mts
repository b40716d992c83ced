/** By hand: `npx tsx fuzz.mts COUNT SEED` compares that many random templates and prints what differs, the shortest first. */
import { findDifferences, Oracle } from './differential.ts'

async function main(): Promise<void> {
  const [count = '10000', seed = '1'] = process.argv.slice(2)
  const oracle = new Oracle()
  const chunk = 10_000
  let found = 0
  for (let done = 0; done < Number(count); done += chunk) {
    const differences = await findDifferences(
      oracle,
      Math.min(chunk, Number(count) - done),
      Number(seed) + done,
    )
    found += differences.length
    for (const { template, theirs, ours, options } of differences
      .sort((a, b) => a.template.length - b.template.length)
      .slice(0, 20))
      process.stdout.write(
        `${JSON.stringify(template)} ${JSON.stringify(options ?? {})}\n   ${JSON.stringify(theirs)}\n   ${JSON.stringify(ours)}\n`,
      )
    process.stdout.write(`${found} of ${done + chunk} differ\n`)
  }
  oracle.close()
}

void main()
