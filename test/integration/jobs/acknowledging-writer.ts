/** A process that stores returns as fast as it can and says which ones the store has acknowledged. To be killed. */
import { writeSync } from 'node:fs'
import { openStore } from '../../../master/store/sqlite/store.ts'
import { idOf, jidOf, jobRow, newTarget, returnRow } from '../../contracts/store.ts'

const [, , path = '', first = '0'] = process.argv
const store = openStore(path)
const number = Number(first)
const names = Array.from({ length: 20_000 }, (_, index) => `web${index}`)
await store.jobs.add(
  jobRow(number),
  names.map((name) => newTarget(name)),
)
writeSync(1, `job ${number}\n`)
for (let at = 0; at < names.length; at += 50) {
  await Promise.all(
    names.slice(at, at + 50).map(async (name) => {
      await store.returns.add(jidOf(number), idOf(name), 0, returnRow({ ret: 'x'.repeat(500) }), 9)
      // Synchronously, so that what was said is never less than what a minion would have been told.
      writeSync(1, `${name}\n`)
    }),
  )
}
