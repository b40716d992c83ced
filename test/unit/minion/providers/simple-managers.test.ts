/** pacman and apk: stand-ins that print what the real ones were recorded to print go through the contract of providers. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ApkChanger } from '../../../../minion/providers/package/apk/change.ts'
import { ApkReader } from '../../../../minion/providers/package/apk/look.ts'
import {
  parseDatabase,
  parsePolicy,
  parseSimulation,
  pinnedNames,
} from '../../../../minion/providers/package/apk/output.ts'
import { PacmanChanger } from '../../../../minion/providers/package/pacman/change.ts'
import { PacmanReader } from '../../../../minion/providers/package/pacman/look.ts'
import {
  ignoredPackages,
  parseSyncInfo,
  parseUpgrades,
} from '../../../../minion/providers/package/pacman/output.ts'
import type { RunCommand } from '../../../../minion/system/command.ts'
import { packageProviderContract } from '../../../contracts/package-provider.ts'

const done = { code: 0, stdout: '', stderr: '', pid: 1, timedOut: false, dropped: 0 }
const roots: string[] = []
const makeRoot = (): string => {
  const root = fs.mkdtempSync(join(tmpdir(), 'tsalt-managers-'))
  roots.push(root)
  return root
}
afterAll(() => {
  for (const root of roots) fs.rmSync(root, { recursive: true, force: true })
})

const offered = ['1.2-r1', '1.2-r0'] as const

/** A machine with apk: its database and world are files, its policy has two versions of one package. */
function apkMachine() {
  const root = makeRoot()
  const database = join(root, 'lib/apk/db/installed')
  const world = join(root, 'etc/apk/world')
  for (const file of [database, world]) {
    fs.mkdirSync(join(file, '..'), { recursive: true })
    fs.writeFileSync(file, '')
  }
  let tick = 1
  const write = (version: string | undefined, pin: string): void => {
    fs.writeFileSync(
      database,
      version === undefined
        ? ''
        : `C:Q1x=\nP:probe\nV:${version}\nA:x86_64\np:cmd:probe=1\nF:usr/bin\nR:probe\n\n`,
    )
    fs.writeFileSync(world, pin === '' ? '' : `${pin}\n`)
    // Two writes in one tick of the clock would look the same.
    for (const file of [database, world]) fs.utimesSync(file, tick, tick++)
  }
  let version: string | undefined
  const run: RunCommand = async (command) => {
    const [, ...words] = command as readonly string[]
    const [verb = '', ...rest] = words.filter((word) => !word.startsWith('--') && word !== '120')
    if (verb === 'policy')
      return {
        ...done,
        stdout: rest
          .filter((name) => name === 'probe')
          .map(() => policy)
          .join(''),
      }
    if (verb === 'version') return { ...done, stdout: (rest[1] ?? '') < (rest[2] ?? '') ? '<\n' : '>\n' }
    if (verb === 'del') version = undefined
    if (verb === 'add') version = rest[0]?.split('=')[1] ?? offered[0]
    write(version, verb === 'add' ? (rest[0] ?? '') : '')
    return done
  }
  const look = new ApkReader(run, root)
  return { look, act: new ApkChanger(run, look) }
}
const policy = `probe policy:\n  ${offered[1]}:\n    http://mirror/alpine/v3.19/main\n  ${offered[0]}:\n    lib/apk/db/installed\n    http://mirror/alpine/v3.20/main\n`

const apkParts = apkMachine()
packageProviderContract('apk as recorded', () => ({
  ...apkParts,
  name: 'probe',
  versions: offered,
  unknown: 'prob',
}))

describe('recorded outputs of apk', () => {
  it('of its database', () => {
    const text =
      'P:busybox\nV:1.36.1-r5\nA:x86_64\np:/bin/sh cmd:ls=1.36.1-r5\nF:bin\nR:busybox\nF:\nR:init\n\nP:musl\nV:1.2.4-r2\nA:x86_64\n\n'
    const found = parseDatabase(text, new Set(['musl']))
    expect(
      [...found.installed.values()].map(({ name, version, held }) => `${name} ${version} ${held}`),
    ).toEqual(['busybox 1.36.1-r5 false', 'musl 1.2.4-r2 true'])
    expect(found.provided.get('cmd:ls')).toBe('busybox')
    expect(found.files.get('busybox')).toEqual(['/bin/busybox', '/init'])
    expect([...pinnedNames('alpine-base\nnginx=1.24.0-r7\npy3>3\n')]).toEqual(['nginx'])
  })

  it('of policies and simulations', () => {
    expect(parsePolicy(policy).get('probe')).toEqual([...offered])
    const text =
      '(1/3) Purging old (1-r0)\n(2/3) Installing new (2-r0)\n(3/3) Upgrading busybox (1.36.1-r4 -> 1.36.1-r5)\nOK: 9 MiB in 15 packages\n'
    expect(parseSimulation(text)).toEqual([
      { name: 'busybox', from: '1.36.1-r4', to: '1.36.1-r5' },
      { name: 'new', from: '', to: '2-r0' },
      { name: 'old', from: '1-r0', to: '' },
    ])
  })
})

/** pacman offers one version of each package, so the contract of two versions does not fit it. */
describe('pacman as recorded', () => {
  const info =
    'Repository      : extra\nName            : probe\nVersion         : 1.2-2\nDescription     : x\n\n'
  const ran: string[] = []
  let installed = ''
  const run: RunCommand = async (command) => {
    const words = command as readonly string[]
    const line = words.join(' ')
    ran.push(line)
    if (line === 'pacman -Q') return { ...done, stdout: installed }
    if (line.startsWith('pacman -Si'))
      return words.includes('probe')
        ? { ...done, stdout: info }
        : { ...done, code: 1, stderr: "error: package 'x' was not found" }
    if (line.startsWith('pacman -S ')) installed = 'probe 1.2-2\n'
    if (/^pacman -Rn? /.test(line)) installed = ''
    return done
  }
  const look = new PacmanReader(run, makeRoot())
  const act = new PacmanChanger(run, look)

  it('installs and removes what it is asked for', async () => {
    expect(await look.available('probe')).toEqual({ candidate: '1.2-2', versions: ['1.2-2'] })
    await act.install([{ name: 'probe' }])
    expect((await look.installed()).get('probe')?.version).toBe('1.2-2')
    await act.purge(['probe', 'never-there'])
    expect((await look.installed()).has('probe')).toBe(false)
    expect(ran.filter((line) => line.includes('--noconfirm'))).toEqual([
      'pacman -S --noconfirm --noprogressbar --needed -- probe',
      'pacman -Rn --noconfirm --noprogressbar -- probe',
    ])
  })

  it('names what does not exist, and what it cannot do', async () => {
    await expect(act.install([{ name: 'prob' }])).rejects.toMatchObject({ code: 'package-unknown' })
    await expect(act.install([{ name: 'probe', version: '1.0-1' }])).rejects.toMatchObject({
      code: 'package-version-unknown',
    })
    await expect(act.hold(['probe'])).rejects.toThrow('pacman has no command that holds probe')
    await expect(act.remove(['-Syu'])).rejects.toMatchObject({ code: 'package-unknown' })
  })

  it('prints', () => {
    expect(parseUpgrades('linux 6.6.1-1 -> 6.6.2-1\nvim 9.0-1 -> 9.1-1 [ignored]\n')).toEqual([
      { name: 'linux', from: '6.6.1-1', to: '6.6.2-1' },
    ])
    expect(parseSyncInfo(info + info.replace('1.2-2', '1.1-1')).get('probe')).toEqual(['1.2-2', '1.1-1'])
    expect([...ignoredPackages('[options]\nIgnorePkg   = linux vim\n#IgnorePkg = x\n')]).toEqual([
      'linux',
      'vim',
    ])
  })
})
