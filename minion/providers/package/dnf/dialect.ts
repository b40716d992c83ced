/** In what dnf and yum differ. */

export interface DnfDialect {
  readonly id: 'dnf' | 'yum'
  /** Words that list what the repositories offer, for names that follow. */
  readonly offers: readonly string[]
  /** Of the words that are asked without the network. */
  readonly cacheOnly: readonly string[]
  readonly refresh: readonly (readonly string[])[]
  /** Where the lists of packages are kept, and what files they are. */
  readonly caches: readonly string[]
  readonly lists: RegExp
  readonly versionLocks: string
  /** Whether `install` also goes back to an older version. */
  readonly installDowngrades: boolean
}

const format = '%{name}|%{epoch}:%{version}-%{release}|%{arch}|%{repoid}\n'

export const dnfDialect: DnfDialect = {
  id: 'dnf',
  offers: ['repoquery', '--available', '--qf', format],
  cacheOnly: ['-C'],
  refresh: [['--refresh', 'makecache']],
  caches: ['/var/cache/dnf', '/var/cache/libdnf5'],
  lists: /\.solvx?$/,
  versionLocks: '/etc/dnf/plugins/versionlock.list',
  installDowngrades: true,
}

export const yumDialect: DnfDialect = {
  id: 'yum',
  offers: ['--showduplicates', 'list', 'available'],
  cacheOnly: ['-C'],
  refresh: [
    ['clean', 'expire-cache'],
    ['makecache', 'fast'],
  ],
  caches: ['/var/cache/yum'],
  lists: /repomd\.xml$|primary.*sqlite/,
  versionLocks: '/etc/yum/pluginconf.d/versionlock.list',
  installDowngrades: false,
}
