/** CPU time that it takes to find whom a target means among 10,000 minions: `npx tsx test/bench/targets.ts`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../master/store/sqlite/store.ts'
import { makeResolveTarget, type TargetText } from '../../master/targeting/resolve.ts'
import { parseMinionId } from '../../shared/ids.ts'

const count = 10_000
const folder = mkdtempSync(join(tmpdir(), 'tsalt-targets-'))
const store = openStore(join(folder, 'store'), [])
const accepted = Array.from({ length: count }, (_, index) => ({
  id: parseMinionId(`${['web', 'db', 'cache', 'queue'][index % 4]}${index}.example`),
  generation: 0,
}))

/** A hundred names, some of them mappings, as minions say them. */
function grainsOf(index: number) {
  return {
    id: accepted[index]?.id ?? '',
    os: index % 3 === 0 ? 'Debian' : 'Ubuntu',
    os_family: 'Debian',
    ipv4: [`10.${index >> 8}.${index & 255}.1`, '127.0.0.1'],
    roles: index % 5 === 0 ? ['web', 'front'] : ['back'],
    ip_interfaces: { eth0: [`10.${index >> 8}.${index & 255}.1`], lo: ['127.0.0.1'] },
    ...Object.fromEntries(Array.from({ length: 94 }, (_, n) => [`grain${n}`, n % 2 ? `value ${n}` : n])),
  }
}

await Promise.all(
  accepted.map(({ id, generation }, index) =>
    store.minions.connected({ id, generation, version: '1', address: '::1', grains: grainsOf(index), at: 1 }),
  ),
)
const resolve = makeResolveTarget({
  accepted: () => accepted,
  minions: store.minions,
  pillarOf: async () => new Map(),
  nodegroups: undefined,
})
const targets: readonly TargetText[] = [
  { kind: 'glob', expression: 'web*' },
  { kind: 'pcre', expression: 'web[0-9]+6\\.example' },
  { kind: 'grain', expression: 'os:Debian' },
  { kind: 'grain', expression: 'ip_interfaces:eth0:10.1.*' },
  { kind: 'grain_pcre', expression: 'os:^deb' },
  { kind: 'ipcidr', expression: '10.1.0.0/16' },
  { kind: 'compound', expression: 'G@os:Debian and ( web* or S@10.1.0.0/16 ) and not E@.*6\\.example' },
]
const memory = process.memoryUsage().rss
const began = performance.now()
await resolve({ kind: 'grain', expression: 'os:Debian' })
const first = performance.now() - began
const mebibytes = (process.memoryUsage().rss - memory) / 2 ** 20
process.stdout.write(`first target: ${first.toFixed(0)} ms, ${mebibytes.toFixed(0)} MiB more\n`)
for (const target of targets) {
  const times: number[] = []
  let found = 0
  for (let round = 0; round < 30; round++) {
    const start = process.cpuUsage()
    found = (await resolve(target)).length
    const { user, system } = process.cpuUsage(start)
    times.push((user + system) / 1000)
  }
  times.sort((a, b) => a - b)
  process.stdout.write(
    `${(times[15] ?? 0).toFixed(1).padStart(6)} ms  ${String(found).padStart(6)} of ${count}  ${target.kind} ${target.expression}\n`,
  )
}
await store.close()
rmSync(folder, { recursive: true })
