import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { AptChanger } from '../../../../minion/providers/package/apt/change.ts'
import { aptFailure } from '../../../../minion/providers/package/apt/failure.ts'
import { AptReader } from '../../../../minion/providers/package/apt/look.ts'
import { parsePolicy } from '../../../../minion/providers/package/apt/policy.ts'
import { DpkgStatusFile, parseDpkgStatus } from '../../../../minion/providers/package/apt/status-file.ts'
import type { RunCommand } from '../../../../minion/system/command.ts'
import type { CommandResult } from '../../../../minion/system/reader.ts'
import { processorTime } from '../../processor-time.ts'

const paragraph = (name: string, status: string, version: string, more = '') =>
  `Package: ${name}\nStatus: ${status}\nArchitecture: amd64\nVersion: ${version}\n${more}Description: x\n Package: trap\n\n`

const status = [
  paragraph('dpkg', 'install ok installed', '1.21'),
  paragraph('redis', 'hold ok installed', '5:7.0.15-1'),
  paragraph('gone', 'deinstall ok config-files', '1'),
  paragraph('half', 'install reinstreq half-installed', '1'),
  paragraph('mawk', 'install ok triggers-awaited', '1.3', 'Provides: awk, gawk-like (= 1.3)\n'),
  paragraph('libc6', 'install ok installed', '2.36').replace('amd64', 'i386'),
  paragraph('never', 'unknown ok not-installed', ''),
].join('')

const done = (more: Partial<CommandResult> = {}): CommandResult => ({
  code: 0,
  stdout: '',
  stderr: '',
  pid: 1,
  timedOut: false,
  dropped: 0,
  ...more,
})

/** A machine's commands as data: the first key that the command line starts with answers. */
function commands(answers: Readonly<Record<string, Partial<CommandResult>>>) {
  const ran: string[] = []
  const run: RunCommand = async (command) => {
    const line = typeof command === 'string' ? command : command.join(' ')
    ran.push(line)
    return done(Object.entries(answers).find(([start]) => line.includes(start))?.[1])
  }
  return { ran, run }
}

const policy = `redis:
  Installed: 5:7.0.15-1
  Candidate: 5:7.2-1
  Version table:
     5:7.2-1 500
        500 http://example.org bookworm-backports/main amd64 Packages
     5:7.0.16-1 500
        500 http://example.org bookworm/main amd64 Packages
 *** 5:7.0.15-1 100
        100 /var/lib/dpkg/status
awk:
  Installed: (none)
  Candidate: (none)
  Version table:
`

describe("dpkg's database", () => {
  it('tells installed, held, left and unfinished apart', () => {
    const database = parseDpkgStatus([status])
    expect([...database.installed.keys()]).toEqual(['dpkg', 'redis', 'mawk', 'libc6:i386'])
    expect(database.installed.get('redis')).toEqual({
      name: 'redis',
      version: '5:7.0.15-1',
      architecture: 'amd64',
      held: true,
    })
    expect([...database.configurationLeft]).toEqual(['gone'])
    expect([...database.unfinished]).toEqual(['half'])
    expect(database.provided.get('awk')).toEqual(['mawk'])
    expect(database.provided.get('gawk-like')).toEqual(['mawk'])
  })

  it('takes what dpkg has not merged yet as the newer word', () => {
    const database = parseDpkgStatus([status, paragraph('redis', 'install ok installed', '5:8-1')])
    expect(database.installed.get('redis')).toMatchObject({ version: '5:8-1', held: false })
  })

  it('is read again when the file changes, and quickly', () => {
    const root = fs.mkdtempSync(join(tmpdir(), 'tsalt-dpkg-'))
    fs.mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true })
    const path = join(root, 'var/lib/dpkg/status')
    const filler = 'Depends: libc6 (>= 2.34), libgcc-s1 (>= 3.0), libstdc++6 (>= 11)\n'.repeat(8)
    const many = Array.from({ length: 3_000 }, (_, index) =>
      paragraph(`p${index}`, 'install ok installed', `1.${index}`, filler),
    )
    fs.writeFileSync(path, many.join(''))
    const file = new DpkgStatusFile(root)
    const start = processorTime()
    expect(file.read().installed.size).toBe(3_000)
    expect(processorTime() - start).toBeLessThan(2_000)
    const again = processorTime()
    for (let i = 0; i < 100; i++) file.read()
    expect(processorTime() - again).toBeLessThan(1_000)
    fs.writeFileSync(path, status)
    expect(file.read().installed.size).toBe(4)
    fs.rmSync(path)
    expect(() => file.read()).toThrow(/cannot be read/)
    fs.rmSync(root, { recursive: true })
  })

  it.runIf(fs.existsSync('/var/lib/dpkg/status'))(
    "agrees with dpkg-query about this machine's packages",
    async () => {
      const installed = await new AptReader(commands({}).run, '').installed()
      const format = `\${db:Status-Status} \${Package} \${Version}\n`
      const said = spawnSync('dpkg-query', ['-W', `-f=${format}`], { encoding: 'utf8' })
        .stdout.split('\n')
        .filter((line) => line.startsWith('installed '))
        .map((line) => line.slice('installed '.length))
      expect([...installed.values()].map(({ name, version }) => `${name} ${version}`).sort()).toEqual(
        said.sort(),
      )
    },
  )
})

describe('what can be had', () => {
  it('leaves out versions that only dpkg knows', () => {
    const offers = parsePolicy(policy)
    expect(offers.get('redis')).toEqual({ candidate: '5:7.2-1', versions: ['5:7.2-1', '5:7.0.16-1'] })
    expect(offers.get('awk')).toEqual({ candidate: undefined, versions: [] })
    expect(offers.has('nosuch')).toBe(false)
  })

  it('asks for many names in one process, and for each once', async () => {
    const { ran, run } = commands({ policy: { stdout: policy } })
    const look = new AptReader(run, '/no/such/root')
    const [redis, awk, bad] = await Promise.all(
      ['redis', 'awk', '-o=evil', 'redis'].map((name) => look.available(name)),
    )
    expect([redis?.candidate, awk?.candidate, bad?.candidate]).toEqual(['5:7.2-1', undefined, undefined])
    await look.available('redis')
    expect(ran).toEqual(['apt-cache policy -- redis awk'])
    look.forget()
    await look.available('redis')
    expect(ran).toHaveLength(2)
  })
})

describe('changing packages', () => {
  const root = fs.mkdtempSync(join(tmpdir(), 'tsalt-apt-'))
  afterAll(() => fs.rmSync(root, { recursive: true }))
  fs.mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true })
  fs.writeFileSync(join(root, 'var/lib/dpkg/status'), status)
  const changer = (answers: Parameters<typeof commands>[0]) => {
    const { ran, run } = commands({ policy: { stdout: policy }, ...answers })
    const look = new AptReader(run, root)
    return { ran, act: new AptChanger(run, look, () => look.forget()) }
  }

  it('installs many in one transaction, with operands after --', async () => {
    const { ran, act } = changer({})
    await act.install([{ name: 'redis', version: '5:7.0.16-1' }, { name: 'redis' }], {
      recommends: false,
      fromrepo: 'stable',
    })
    expect(ran.filter((line) => line.startsWith('apt-get'))).toHaveLength(1)
    expect(ran.at(-1)).toMatch(
      /^apt-get -q -y .*--no-install-recommends -t stable install -- redis=5:7\.0\.16-1 redis$/,
    )
    expect(ran.at(-1)).toContain('--force-confold')
  })

  it('refuses names and versions before apt-get is started', async () => {
    const { ran, act } = changer({})
    const refused = (name: string, version?: string) =>
      expect(act.install([{ name, ...(version === undefined ? {} : { version }) }])).rejects
    await refused('nosuch').toMatchObject({ code: 'package-unknown' })
    await refused('mawk-').toMatchObject({ code: 'package-unknown' })
    await refused('--purge').toMatchObject({ code: 'package-unknown' })
    await refused('rediss').toMatchObject({ hint: expect.stringContaining('Did you mean "redis"') })
    await refused('redis', '9').toMatchObject({
      code: 'package-version-unknown',
      hint: 'To be had: 5:7.2-1, 5:7.0.16-1.',
    })
    await refused('redis', '1 --purge').toMatchObject({ code: 'package-version-unknown' })
    await expect(act.install([{ name: 'redis' }], { fromrepo: '-evil' })).rejects.toMatchObject({
      code: 'package-failed',
    })
    await expect(act.installFiles(['../x.deb'])).rejects.toMatchObject({ code: 'package-failed' })
    await expect(act.remove(['redis', '-x'])).rejects.toMatchObject({ code: 'package-unknown' })
    expect(ran.filter((line) => line.startsWith('apt-get'))).toEqual([])
  })

  it('lets a virtual name through when something provides it', async () => {
    const { ran, act } = changer({ showpkg: { stdout: 'Package: awk\nReverse Provides:\nmawk 1.3 (= )\n' } })
    await act.install([{ name: 'awk' }])
    expect(ran.at(-1)).toMatch(/install -- awk$/)
  })

  it('finishes what an earlier dpkg left, and waits for a lock to do so', async () => {
    const interrupted = {
      code: 100,
      stderr: "E: dpkg was interrupted, you must manually run 'dpkg --configure -a'",
    }
    const locked = {
      code: 2,
      stderr: 'dpkg: error: dpkg frontend lock was locked by another process with pid 7',
    }
    const answers = [interrupted, locked, locked, {}, {}]
    const [ran, pauses]: [string[], number[]] = [[], []]
    const run: RunCommand = async (command) => {
      ran.push(String(command[0]))
      return done(answers.shift())
    }
    const look = new AptReader(run, root)
    const act = new AptChanger(
      run,
      look,
      () => look.forget(),
      async (time) => pauses.push(time),
    )
    await act.remove(['redis'])
    expect(ran).toEqual(['apt-get', 'dpkg', 'dpkg', 'dpkg', 'apt-get'])
    expect(pauses).toEqual([3_000, 3_000])
  })

  it('says when a source could not be refreshed although apt-get says 0', async () => {
    const { act } = changer({
      update: { stderr: 'W: Failed to fetch http://example.org/InRelease  Could not resolve host\n' },
    })
    await expect(act.refresh()).rejects.toMatchObject({ code: 'package-failed' })
    await expect(changer({}).act.refresh()).resolves.toBeUndefined()
  })
})

describe('what apt-get says when it fails', () => {
  const failure = (stderr: string, stdout = '') =>
    aptFailure('apt-get install', done({ code: 100, stderr, stdout }))
  it.each([
    [
      'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (unattended-upgr)',
      'package-database-locked',
      'unattended-upgr (process 4711)',
    ],
    [
      "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.",
      'package-database-broken',
      'interrupted',
    ],
    [
      "E: Unmet dependencies. Try 'apt --fix-broken install' with no packages (or specify a solution).",
      'package-database-broken',
      'lack dependencies',
    ],
    [
      "Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)...\rE: dpkg was interrupted, you must manually run 'dpkg --configure -a'",
      'package-database-broken',
      'interrupted',
    ],
    ['E: Unable to locate package nosuch', 'package-unknown', '"nosuch"'],
    ["E: Version '9' for 'redis' was not found", 'package-version-unknown', '"redis" in version "9"'],
    ['E: Some other thing', 'package-failed', 'E: Some other thing'],
  ])('%s', (stderr, code, words) => {
    const error = failure(stderr)
    expect(error.code).toBe(code)
    expect(error.message).toContain(words)
  })

  it('shows what a maintainer script said', () => {
    const error = failure(
      'E: Sub-process /usr/bin/dpkg returned an error code (1)',
      'Setting up redis\nport taken\n',
    )
    expect(error.message).toContain('port taken')
  })
})
