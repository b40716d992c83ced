/** What dnf, yum, zypper and rpm print, as recorded on hosts, and their order of versions. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { DnfChanger } from '../../../../minion/providers/package/dnf/change.ts'
import { dnfDialect, yumDialect } from '../../../../minion/providers/package/dnf/dialect.ts'
import { DnfReader } from '../../../../minion/providers/package/dnf/look.ts'
import {
  lockedNames,
  parseGroup,
  parseOffers,
  parseUpdates,
} from '../../../../minion/providers/package/dnf/output.ts'
import {
  parseInstalled,
  parseNeeding,
  RpmDatabase,
} from '../../../../minion/providers/package/rpm/database.ts'
import { rpmFailure } from '../../../../minion/providers/package/rpm/failure.ts'
import { compareRpmVersions } from '../../../../minion/providers/package/rpm/version.ts'
import {
  lockedPackages,
  parseSearch,
  parseSummary,
} from '../../../../minion/providers/package/zypper/output.ts'
import type { RunCommand } from '../../../../minion/system/command.ts'

const done = { code: 0, stdout: '', stderr: '', pid: 1, timedOut: false, dropped: 0 }

describe('the order of versions of rpm', () => {
  // Compared with rpm itself on a host in test/hosts/packages.test.ts.
  test.each([
    ['1.0', '1.0', 0],
    ['1.0', '2.0', -1],
    ['2.0.1a', '2.0.1', 1],
    ['5.5p1', '5.5p10', -1],
    ['xyz.4', '8', -1],
    ['10xyz', '10.1xyz', -1],
    ['1.0010', '1.9', 1],
    ['1.05', '1.5', 0],
    ['4.999.9', '5.0', -1],
    ['2_0', '2.0', 0],
    ['1.0~rc1', '1.0', -1],
    ['1.0~rc1', '1.0~rc1~git123', 1],
    ['1.0^', '1.0', 1],
    ['1.0^git1', '1.01', -1],
    ['1.0^git1', '1.0^git1~pre', 1],
    ['1.0~rc1^git1', '1.0~rc1', 1],
    ['1:1.0-1', '2.0-1', 1],
    ['1.0-1', '1.0-2.el8', -1],
    ['1.0', '1.0-7', 0],
  ])('%s and %s: %d', (a, b, order) => {
    expect([compareRpmVersions(a, b), compareRpmVersions(b, a)]).toEqual([order, order === 0 ? 0 : -order])
  })

  it('is an order', () => {
    const version = fc.stringMatching(/^[0-9a-c.~^]{1,8}$/)
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareRpmVersions(a, b)).toBe(-compareRpmVersions(b, a) || 0)
        if (compareRpmVersions(a, b) < 0 && compareRpmVersions(b, c) < 0)
          expect(compareRpmVersions(a, c)).toBe(-1)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('recorded outputs', () => {
  it('of rpm -qa: foreign architectures and several kernels', () => {
    const text =
      'bash|5.1-1|x86_64\nglibc|2.34-1|x86_64\nglibc|2.34-1|i686\nkernel|5.9-1|x86_64\nkernel|5.14-1|x86_64\nvim|2:9.0-1|noarch\ngpg-pubkey|a-b|(none)\n'
    expect([...parseInstalled(text)].map(([key, { version }]) => `${key} ${version}`)).toEqual([
      'bash 5.1-1',
      'glibc 2.34-1',
      'glibc.i686 2.34-1',
      'kernel 5.14-1',
      'vim 2:9.0-1',
    ])
  })

  it('of rpm -e --test: what needs it, and what needs that', async () => {
    const said = (...lines: string[]) => ({
      ...done,
      code: 1,
      stderr: `error: Failed dependencies:\n${lines.join('\n')}\n`,
    })
    const answers = [
      said(
        '\tprobe = 1.0 is needed by (installed) other-one-3.0-1.noarch',
        '\tprobe is needed by (installed) b-2:1~rc1-1.x86_64',
      ),
      said('\tb is needed by (installed) c-1-1.noarch'),
      done,
    ]
    const asked: string[] = []
    const run: RunCommand = async (argv) => {
      asked.push([argv].flat().join(' '))
      return answers.shift() ?? done
    }
    expect(await new RpmDatabase(run, '').removedWith(['probe'])).toEqual(['probe', 'other-one', 'b', 'c'])
    expect(asked.at(-1)).toBe('rpm -e --test -- probe other-one b c')
    answers.push({ ...done, code: 1, stderr: 'error: package nosuch is not installed\n' })
    await expect(new RpmDatabase(run, '').removedWith(['nosuch'])).rejects.toMatchObject({
      code: 'package-failed',
    })
    expect(parseNeeding('')).toEqual([])
  })

  it('of dnf repoquery and yum list', () => {
    const dnf = parseOffers(
      'probe|0:1.0-1|noarch|local\n\nprobe|0:1.0-2|noarch|local\nvim|2:9.0-1|x86_64|os\nvim|2:9.0-1|src|os\n',
    )
    expect(dnf.get('probe')).toEqual({ candidate: '1.0-2', versions: ['1.0-2', '1.0-1'] })
    expect(dnf.get('vim.x86_64')).toEqual({ candidate: '2:9.0-1', versions: ['2:9.0-1'] })
    const yum = parseOffers(
      'Available Packages\nprobe.noarch    1.0-2.el7    local\njava-1.8.0-openjdk.x86_64   1:1.8.0.412.b08-1.el7_9   updates\n',
    )
    expect(yum.get('java-1.8.0-openjdk')?.candidate).toBe('1:1.8.0.412.b08-1.el7_9')
    expect(yum.get('probe.noarch')?.candidate).toBe('1.0-2.el7')
  })

  it('of check-update: what is replaced is told apart', () => {
    const text =
      '\nprobe.noarch      1.0-2      local\nvim.x86_64   2:9.1-1  os\nObsoleting Packages\nnew.noarch   1-1   os\n    old.noarch   0-1   @System\n'
    expect([...parseUpdates(text)]).toEqual([
      ['probe', { arch: 'noarch', version: '1.0-2' }],
      ['vim', { arch: 'x86_64', version: '2:9.1-1' }],
    ])
  })

  it('of group info', () => {
    const text =
      'Group: Development Tools\n Description: A basic environment.\n Mandatory Packages:\n   gcc\n  =make\n Default Packages:\n   gdb\n Optional Packages:\n   cmake\n'
    expect(parseGroup(text)).toEqual({ mandatory: ['gcc', 'make'], standard: ['gdb'], optional: ['cmake'] })
    expect(parseGroup('Warning: Group Foo does not exist.')).toBeUndefined()
  })

  it('of held packages', () => {
    expect([
      ...lockedNames('# Added\nprobe-0:1.0-2.*\n!old-0:1-1.*\n0:java-1.8.0-openjdk-1.8-1.*\n').keys(),
    ]).toEqual(['probe', 'java-1.8.0-openjdk'])
    expect([
      ...lockedPackages('\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: probe\n'),
    ]).toEqual(['probe'])
  })

  it('of zypper search and of what an update would do', () => {
    const search = `<search-result version="0.0"><solvable-list>
<solvable status="installed" name="probe" kind="package" edition="1.0-1" arch="noarch" repository="(System Packages)"/>
<solvable status="other-version" name="probe" kind="package" edition="1.0-2" arch="noarch" repository="local"/>
<solvable status="not-installed" name="probe" kind="package" edition="1.0-10" arch="noarch" repository="local"/>
</solvable-list></search-result>`
    expect(parseSearch(search).get('probe')).toEqual({ candidate: '1.0-10', versions: ['1.0-10', '1.0-2'] })
    const summary = `<install-summary download-size="6085" packages-to-change="1">
<to-upgrade><solvable type="package" name="probe" edition="1.0-2" arch="noarch" edition-old="1.0-1" summary="a &quot;b&quot;"><description>x</description></solvable></to-upgrade>
<to-install><solvable type="package" name="new" edition="1-1" arch="noarch"/></to-install>
<to-remove><solvable type="package" name="old" edition="3-1" arch="noarch"/></to-remove></install-summary>`
    expect(parseSummary(summary)).toEqual([
      { name: 'new', from: '', to: '1-1' },
      { name: 'old', from: '3-1', to: '' },
      { name: 'probe', from: '1.0-1', to: '1.0-2' },
    ])
  })

  it('of failures', () => {
    const failure = (stderr: string) => rpmFailure('dnf install', { ...done, code: 1, stderr })
    expect(failure('No match for argument: nosuch\nError: Unable to find a match: nosuch')).toMatchObject({
      code: 'package-unknown',
      parameters: { name: 'nosuch' },
    })
    expect(failure('System management is locked by the application with pid 1234 (zypper).')).toMatchObject({
      code: 'package-database-locked',
      parameters: { holder: 'zypper (process 1234)' },
    })
    expect(failure('No such command: versionlock. Please use dnf --help').hint).toContain('versionlock')
    const unsigned =
      'However, you do not have any GPG public keys installed. You need\n\nProblem repository: [epel]\nbandwidth: 0'
    expect(failure(unsigned).message).toContain('epel checks signatures, and no key for it is here')
    expect(failure('Error: disk full').message).toBe('dnf install failed (1): Error: disk full')
  })
})

describe('what is run', () => {
  const machine = (dialect: typeof dnfDialect, installed: string, offers: string) => {
    const ran: string[] = []
    const run: RunCommand = async (command) => {
      const line = typeof command === 'string' ? command : command.join(' ')
      ran.push(line)
      if (line.startsWith('rpm -qa')) return { ...done, stdout: installed }
      if (/repoquery|list available/.test(line)) return { ...done, stdout: offers }
      return done
    }
    const look = new DnfReader(run, dialect, '/nowhere')
    look.sourcesRead = async () => true
    return {
      act: new DnfChanger(run, look, dialect),
      changes: () => ran.filter((line) => line.includes(' -y ')),
    }
  }

  it('is one transaction, with what the state says of repositories and signatures', async () => {
    const { act, changes } = machine(dnfDialect, '', 'probe|0:1.0-1|noarch|local\nvim|2:9.0-1|x86_64|os\n')
    await act.install([{ name: 'probe', version: '1.0-1' }, { name: 'vim' }], {
      fromrepo: 'local',
      skipVerify: true,
      recommends: false,
      enablerepo: ['extra'],
    })
    expect(changes()).toEqual([
      'dnf -y --disablerepo=* --enablerepo=local --enablerepo=extra --nogpgcheck --setopt=install_weak_deps=0 install probe-1.0-1 vim',
    ])
  })

  it('goes back with a command of its own in yum, and only when it is told', async () => {
    const { act, changes } = machine(
      yumDialect,
      'probe|1.0-2|noarch\n',
      'probe.noarch 1.0-2 local\nprobe.noarch 1.0-1 local\n',
    )
    await expect(act.install([{ name: 'probe', version: '1.0-1' }])).rejects.toMatchObject({
      code: 'package-failed',
    })
    await act.install([{ name: 'probe', version: '1.0-1' }], { downgrade: true })
    expect(changes()).toEqual(['yum -y downgrade probe-1.0-1'])
  })

  it('takes nothing for an option', async () => {
    const { act, changes } = machine(dnfDialect, '', '')
    await expect(act.remove(['--assumeno'])).rejects.toMatchObject({ code: 'package-unknown' })
    await expect(act.install([{ name: 'a', version: '-x' }])).rejects.toMatchObject({
      code: 'package-version-unknown',
    })
    await expect(act.installFiles(['x.rpm'])).rejects.toMatchObject({ code: 'package-failed' })
    expect(changes()).toEqual([])
  })
})
