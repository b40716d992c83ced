/**
 * How much memory `tsalt '*' state.highstate` takes for the returns of thousands of minions, in each form of output.
 *
 *     npx tsx test/bench/output-memory.ts [minions] [form…]
 *
 * A form is the options of one run, such as '--out json --static'.
 */
import { minionNames, playHighstates, showHighstates } from '../integration/jobs/played-highstates.ts'

const [count = '5000', ...asked] = process.argv.slice(2)
/** Milliseconds in which nobody reads what is written. */
const looksAway = 5_000
const usual = [
  '',
  '--state-output full',
  '--out json',
  '--out yaml',
  '--out txt',
  '--out nested',
  '--static',
  '--state-output full --static',
  '--out json --static',
  '--out yaml --static',
  '--out txt --static',
  '--out nested --static',
]

const played = await playHighstates(minionNames(Number(count)))
try {
  for (const form of asked.length > 0 ? asked : usual) {
    const words = form.split(' ').filter((word) => word !== '')
    const { status, bytes, peak, wall } = await showHighstates(played, words, looksAway)
    const written = `${Math.round(bytes / 1e6)} MB written, ${(wall / 1000).toFixed(1)} s`
    console.log(`${form || '(short)'}: ${Math.round(peak)} MB at most, ${written}, exit ${status}`)
  }
} finally {
  await played.close()
}
