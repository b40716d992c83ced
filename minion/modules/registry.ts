/** Every execution module, by the name it is called with. A new one: its file, its line here; a test compares with the folder. */
import { aclModule } from './acl.ts'
import { aliasesModule } from './aliases.ts'
import { alternativesModule } from './alternatives.ts'
import { apacheModule } from './apache.ts'
import { archiveModule } from './archive.ts'
import { atModule } from './at.ts'
import { beaconsModule } from './beacons.ts'
import { cmdModule } from './cmd.ts'
import { configModule } from './config.ts'
import type { ExecModule } from './contract.ts'
import { cpModule } from './cp.ts'
import { cronModule } from './cron.ts'
import { debconfModule } from './debconf.ts'
import { defaultsModule } from './defaults.ts'
import { digModule } from './dig.ts'
import { diskModule } from './disk.ts'
import { dnsutilModule } from './dnsutil.ts'
import { dockerModule } from './docker.ts'
import { environModule } from './environ.ts'
import { eventModule } from './event.ts'
import { fileModule } from './file/file.ts'
import { gemModule } from './gem.ts'
import { gitModule } from './git/git.ts'
import { grainsModule } from './grains.ts'
import { groupModule } from './group.ts'
import { hashutilModule } from './hashutil.ts'
import { hostsModule } from './hosts.ts'
import { httpModule } from './http.ts'
import { iniModule } from './ini.ts'
import { iptablesModule } from './iptables.ts'
import { keyModule } from './key.ts'
import { kmodModule } from './kmod.ts'
import { localeModule } from './locale.ts'
import { logModule } from './log.ts'
import { lowpkgModule } from './lowpkg.ts'
import { matchModule } from './match.ts'
import { mineModule } from './mine.ts'
import { mountModule } from './mount.ts'
import { mysqlModule } from './mysql/mysql.ts'
import { networkModule } from './network/network.ts'
import { nftablesModule } from './nftables.ts'
import { npmModule } from './npm.ts'
import { pillarModule } from './pillar.ts'
import { pipModule } from './pip.ts'
import { pkgModule } from './pkg/pkg.ts'
import { postgresModule } from './postgres/postgres.ts'
import { psModule } from './ps/ps.ts'
import { rabbitmqModule } from './rabbitmq.ts'
import { randomModule } from './random.ts'
import { redisModule } from './redis/redis.ts'
import { saltutilModule } from './saltutil.ts'
import { scheduleModule } from './schedule.ts'
import { serviceModule } from './service.ts'
import { shadowModule } from './shadow.ts'
import { slsutilModule } from './slsutil.ts'
import { sshModule } from './ssh.ts'
import { stateModule } from './state/state.ts'
import { statusModule } from './status.ts'
import { supervisordModule } from './supervisord.ts'
import { sysModule } from './sys.ts'
import { sysctlModule } from './sysctl.ts'
import { systemModule } from './system.ts'
import { testModule } from './test.ts'
import { timezoneModule } from './timezone.ts'
import { undoModule } from './undo.ts'
import { userModule } from './user.ts'
import { virtualenvModule } from './virtualenv.ts'

export const execModules: Readonly<Record<string, ExecModule>> = {
  acl: aclModule,
  aliases: aliasesModule,
  at: atModule,
  locale: localeModule,
  ssh: sshModule,
  alternatives: alternativesModule,
  archive: archiveModule,
  beacons: beaconsModule,
  cmd: cmdModule,
  config: configModule,
  cp: cpModule,
  cron: cronModule,
  debconf: debconfModule,
  defaults: defaultsModule,
  dig: digModule,
  disk: diskModule,
  dnsutil: dnsutilModule,
  environ: environModule,
  event: eventModule,
  file: fileModule,
  gem: gemModule,
  git: gitModule,
  grains: grainsModule,
  group: groupModule,
  hashutil: hashutilModule,
  hosts: hostsModule,
  http: httpModule,
  ini: iniModule,
  key: keyModule,
  kmod: kmodModule,
  log: logModule,
  lowpkg: lowpkgModule,
  match: matchModule,
  mine: mineModule,
  mount: mountModule,
  mysql: mysqlModule,
  network: networkModule,
  npm: npmModule,
  pillar: pillarModule,
  pip: pipModule,
  pkg: pkgModule,
  postgres: postgresModule,
  ps: psModule,
  rabbitmq: rabbitmqModule,
  random: randomModule,
  redis: redisModule,
  saltutil: saltutilModule,
  schedule: scheduleModule,
  service: serviceModule,
  shadow: shadowModule,
  slsutil: slsutilModule,
  state: stateModule,
  status: statusModule,
  sys: sysModule,
  sysctl: sysctlModule,
  system: systemModule,
  test: testModule,
  timezone: timezoneModule,
  undo: undoModule,
  user: userModule,
  virtualenv: virtualenvModule,
  apache: apacheModule,
  docker: dockerModule,
  iptables: iptablesModule,
  nftables: nftablesModule,
  supervisord: supervisordModule,
}
