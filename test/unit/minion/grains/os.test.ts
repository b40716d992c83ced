import { describe, expect, test } from 'vitest'
import { osGrains } from '../../../../shared/grains/os.ts'
import { machineOf } from './machine-facts.ts'

/** What such systems say of themselves in /etc/os-release, in the fields that matter here. */
const systems: Record<string, { files: Record<string, string>; grains: Record<string, unknown> }> = {
  'Debian 12': {
    files: {
      '/etc/os-release':
        'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
    },
    grains: {
      os: 'Debian',
      os_family: 'Debian',
      osfullname: 'Debian GNU/Linux',
      oscodename: 'bookworm',
      osrelease: '12',
      osrelease_info: [12],
      osmajorrelease: 12,
      osfinger: 'Debian-12',
      osarch: 'amd64',
      lsb_distrib_id: 'Debian GNU/Linux',
    },
  },
  'Debian 9, without a codename of its own': {
    files: {
      '/etc/os-release':
        'PRETTY_NAME="Debian GNU/Linux 9 (stretch)"\nNAME="Debian GNU/Linux"\nVERSION_ID="9"\nID=debian\n',
    },
    grains: { os: 'Debian', oscodename: 'stretch', osfinger: 'Debian-9' },
  },
  'Ubuntu 22.04': {
    files: {
      '/etc/os-release':
        'PRETTY_NAME="Ubuntu 22.04.4 LTS"\nNAME="Ubuntu"\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\n',
      '/etc/lsb-release':
        'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\nDISTRIB_DESCRIPTION="Ubuntu 22.04.4 LTS"\n',
    },
    grains: {
      os: 'Ubuntu',
      os_family: 'Debian',
      osfullname: 'Ubuntu',
      oscodename: 'jammy',
      osrelease: '22.04',
      osrelease_info: [22, 4],
      osmajorrelease: 22,
      osfinger: 'Ubuntu-22.04',
      osarch: 'amd64',
      lsb_distrib_description: 'Ubuntu 22.04.4 LTS',
    },
  },
  'CentOS 7': {
    files: {
      '/etc/os-release':
        'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\nPRETTY_NAME="CentOS Linux 7 (Core)"\n',
      '/etc/centos-release': 'CentOS Linux release 7.9.2009 (Core)\n',
    },
    grains: {
      os: 'CentOS',
      os_family: 'RedHat',
      osfullname: 'CentOS Linux',
      oscodename: 'CentOS Linux 7 (Core)',
      osrelease: '7.9.2009',
      osmajorrelease: 7,
      osfinger: 'CentOS Linux-7',
      osarch: 'x86_64',
    },
  },
  'Rocky 8': {
    files: {
      '/etc/os-release':
        'NAME="Rocky Linux"\nVERSION="8.9 (Green Obsidian)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="8.9"\nPRETTY_NAME="Rocky Linux 8.9 (Green Obsidian)"\n',
    },
    grains: {
      os: 'Rocky',
      os_family: 'RedHat',
      osrelease: '8.9',
      osrelease_info: [8, 9],
      osfinger: 'Rocky Linux-8',
    },
  },
  'Red Hat 9': {
    files: {
      '/etc/os-release':
        'NAME="Red Hat Enterprise Linux"\nID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.3"\nPRETTY_NAME="Red Hat Enterprise Linux 9.3 (Plow)"\n',
    },
    grains: { os: 'RedHat', os_family: 'RedHat', osfinger: 'Red Hat Enterprise Linux-9' },
  },
  Alpine: {
    files: {
      '/etc/os-release':
        'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.18.2\nPRETTY_NAME="Alpine Linux v3.18"\n',
    },
    grains: {
      os: 'Alpine',
      os_family: 'Alpine',
      osrelease: '3.18.2',
      osrelease_info: [3, 18, 2],
      osfinger: 'Alpine Linux-3',
      osarch: 'x86_64',
    },
  },
  Arch: {
    files: { '/etc/os-release': 'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n' },
    grains: { os: 'Arch', os_family: 'Arch', osrelease: 'rolling', osfullname: 'Arch Linux' },
  },
  'openSUSE Leap': {
    files: {
      '/etc/os-release':
        'NAME="openSUSE Leap"\nVERSION="15.5"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.5"\nPRETTY_NAME="openSUSE Leap 15.5"\n',
    },
    grains: {
      os: 'SUSE',
      os_family: 'Suse',
      osfullname: 'Leap',
      oscodename: 'openSUSE Leap 15.5',
      osrelease: '15.5',
      osfinger: 'Leap-15',
    },
  },
  'an unknown one like Debian': {
    files: { '/etc/os-release': "NAME='Foo Linux'\nID=foo\nID_LIKE='ubuntu debian'\nVERSION_ID=3\n" },
    grains: { os: 'Foo', os_family: 'Debian', osarch: 'amd64' },
  },
  'one that says nothing': { files: {}, grains: { os: 'Linux', osrelease: '', osrelease_info: [] } },
}

describe('the distribution', () => {
  test.each(Object.entries(systems))('%s', (_, { files, grains }) => {
    expect(osGrains(machineOf(files), 'x86_64', 'x64')).toMatchObject(grains)
  })
})
