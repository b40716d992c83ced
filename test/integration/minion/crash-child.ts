/**
 * A minion's jobs in a process of its own, with a master made of files: `deliveries` comes in, `acks`, `stored` and
 * `effects` go out, each line written before anything follows from it. Kills itself at the N-th disk operation.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import * as v from 'valibot'
import { type Disk, type DiskFile, systemDisk } from '../../../minion/jobs/disk.ts'
import { JobRunner } from '../../../minion/jobs/job-runner.ts'
import { Spool } from '../../../minion/jobs/spool.ts'
import { execFunction, type ModuleContext } from '../../../minion/modules/contract.ts'
import { systemClock } from '../../../shared/clock.ts'
import type { JobDelivery } from '../../../shared/protocol/messages/job-delivery.ts'
import type { JobReturn } from '../../../shared/protocol/messages/job-return.ts'

const [folder = '', killAt = '0', when = 'before'] = process.argv.slice(2)
let operations = 0

/** Dies before or after the N-th operation, or in the middle of it where it is a write. */
async function counted<T>(operation: () => Promise<T>, half?: () => Promise<unknown>): Promise<T> {
  const last = ++operations === Number(killAt)
  if (last && when === 'half') await half?.()
  if (last && when !== 'after') process.kill(process.pid, 'SIGKILL')
  const result = await operation()
  if (last) process.kill(process.pid, 'SIGKILL')
  return result
}

const countedFile = (file: DiskFile): DiskFile => ({
  ...file,
  write: (bytes, position) =>
    counted(
      () => file.write(bytes, position),
      () => file.write(bytes.subarray(0, bytes.length >> 1), position),
    ),
  sync: () => counted(() => file.sync()),
  truncate: (length) => counted(() => file.truncate(length)),
})

const disk: Disk = {
  ...systemDisk,
  open: async (path, empty) => countedFile(await counted(() => systemDisk.open(path, empty))),
  rename: (from, to) => counted(() => systemDisk.rename(from, to)),
  remove: (path) => counted(() => systemDisk.remove(path)),
  syncFolder: (path) => counted(() => systemDisk.syncFolder(path)),
}

const say = (file: string, line: string): void => appendFileSync(join(folder, file), `${line}\n`)
const said = (file: string): string[] =>
  existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean) : []

const apply = execFunction({
  summary: 'Leaves a trace.',
  args: v.strictObject({ name: v.string() }),
  examples: [],
  readOnly: false,
  run: async ({ name }) => {
    say('effects', name)
    return name.padEnd(2_000, '.')
  },
})

/** Of several functions: how each came out, or that it was not run. */
function partsOf({ calls = [], ret }: JobReturn): string[] {
  const told = Object.values(ret as Record<string, string>)
  return calls.map(({ outcome }, index) => (told[index]?.startsWith('Not run') ? 'not-run' : outcome))
}

const spool = await Spool.open({
  disk,
  folder: join(folder, 'jobs'),
  limit: 1e7,
  clock: systemClock,
  log: pino({ level: 'silent' }),
})
const runner = new JobRunner({
  clock: systemClock,
  log: pino({ level: 'silent' }),
  spool,
  functions: { names: () => ['note.apply'], find: () => apply },
  link: {
    connected: () => true,
    offset: () => 0,
    acknowledge: (jid) => say('acks', jid),
    progress: () => {},
    deliver: async (result) => say('stored', [result.jid, result.outcome, ...partsOf(result)].join(' ')),
  },
  open: async (job) => ({ context: { job } as unknown as ModuleContext, close: () => {} }),
})
await runner.recover()
await runner.resume()
runner.connected()
// As the master does after a reconnect: all that it has no result of.
const finished = new Set(said('stored').map((line) => line.split(' ')[0]))
const deliveries = JSON.parse(readFileSync(join(folder, 'deliveries'), 'utf8')) as JobDelivery[]
await Promise.all(deliveries.filter(({ jid }) => !finished.has(jid)).map((job) => runner.receive(job)))
while (runner.busy || spool.unfinished().length > 0) await new Promise((resolve) => setTimeout(resolve, 2))
await spool.close()
say('operations', String(operations))
