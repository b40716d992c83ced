/**
 * `npx tsx test/bench/yaml.ts`: what reading YAML costs beside PyYAML's two loaders, in one run and in CPU time, with
 * Node's defaults and with those of the minion. Prints a Markdown table.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'

const many = (count: number, of: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => of(index)).join('')

const texts: Record<string, string> = {
  'a pillar of nested dicts': many(
    400,
    (n) =>
      `service${n}:\n  enabled: true\n  port: ${8000 + n}\n  hosts:\n    - web${n}.example.com\n    - db${n}.example.com\n  tls:\n    cert: /etc/ssl/certs/service${n}.pem\n    ciphers: 'ECDHE+AESGCM:DHE'\n  users:\n    user${n}:\n      uid: ${1000 + n}\n      shell: /bin/bash\n      groups: [sudo, www-data]\n`,
  ),
  'an SLS of 1,000 states': many(
    1000,
    (n) =>
      `/etc/app/conf${n}.conf:\n  file.managed:\n    - source: salt://app/files/conf${n}.conf\n    - user: root\n    - group: root\n    - mode: '0644'\n    - require:\n      - pkg: app\n`,
  ),
  'flow style': many(
    1000,
    (n) =>
      `item${n}: {name: 'n${n}', ports: [80, 443, ${8000 + n}], tags: [a, b, {k: v${n}, w: 1.5}], on: true, "q": "d${n}"}\n`,
  ),
  'long block texts': many(
    150,
    (n) =>
      `key${n}:\n  contents: |\n${many(40, (line) => `    ----- line ${line} of ${n} with some text in it\n`)}`,
  ),
  'anchors (the full reader)': `base: &base {a: 1}\n${many(1000, (n) => `item${n}:\n  b: ${n}\n  c: *base\n`)}`,
}

const folder = mkdtempSync(join(tmpdir(), 'yaml-bench-'))
try {
  const outfile = join(folder, 'read.mjs')
  buildSync({
    entryPoints: [join(import.meta.dirname, 'yaml-read.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  })
  const input = JSON.stringify(texts)
  const ask = <Answer>(command: string, args: readonly string[]): Answer => {
    const { stdout, stderr } = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 1 << 28 })
    if (stdout === '') throw new Error(stderr)
    return JSON.parse(stdout) as Answer
  }
  type Times = Record<string, readonly [number, number]>
  const python = ask<Times>('/usr/bin/python3', [join(import.meta.dirname, 'time-pyyaml.py')])
  const full = ask<Times>(process.execPath, [outfile])
  const minion = ask<Times>(process.execPath, ['--no-opt', '--max-semi-space-size=2', outfile])
  const ms = (value: number): string => value.toFixed(1)
  process.stdout.write(
    '| shape | PyYAML | its C loader | tsalt | first | in the minion | first |\n|---|---|---|---|---|---|---|\n',
  )
  for (const [name, text] of Object.entries(texts)) {
    const [c = 0, pure = 0] = python[name] ?? []
    const [first = 0, least = 0] = full[name] ?? []
    const [minionFirst = 0, minionLeast = 0] = minion[name] ?? []
    const times = (ours: number): string =>
      `${ms(ours)} (${ms((pure * 1000) / ours)} and ${ms((c * 1000) / ours)} times as fast)`
    process.stdout.write(
      `| ${name}, ${Math.round(text.length / 1024)} KB | ${ms(pure * 1000)} ms | ${ms(c * 1000)} ms | ${times(least)} | ${ms(first)} | ${times(minionLeast)} | ${ms(minionFirst)} |\n`,
    )
  }
} finally {
  rmSync(folder, { recursive: true })
}
